/* A file on the server that is read by ranges (RFC 9110, 14.2), so that a book opens before all of it is here. */

const HEAD = 16 * 1024,
  TAIL = 64 * 1024; // bytes that are fetched first: the container document and the directory of a ZIP
const WAITS = [300, 1000, 3000]; // milliseconds before a broken request is sent again

export class Unreachable extends Error {}

/* Opens what stands at an address; `onBytes` is called with the bytes that came so far and those that were asked for.
   Rejects with `Unreachable` where the server does not answer, and with `Error` where it refuses. */
export async function openRemoteFile(url, onBytes) {
  const file = new RemoteFile(url, onBytes);
  await file.open();
  return file;
}

class RemoteFile {
  #url;
  #onBytes;
  #received = 0;
  #expected = 0;
  #pieces = []; // [start, bytes] that are kept
  size = 0;

  constructor(url, onBytes) {
    this.#url = url;
    this.#onBytes = onBytes;
  }

  async open() {
    const tail = await this.#fetch(`bytes=-${TAIL}`);
    this.size = tail.size;
    this.#pieces.push([tail.start, tail.bytes]);
    if (tail.start > 0) this.#pieces.push([0, await this.#range(0, Math.min(HEAD, tail.start))]);
  }

  /* The bytes from `start` to before `end`. */
  async read(start, end) {
    for (const [at, bytes] of this.#pieces)
      if (start >= at && end <= at + bytes.length) return bytes.subarray(start - at, end - at);
    return this.#range(start, end);
  }

  async whole() {
    return new Blob([await this.read(0, this.size)]);
  }

  async #range(start, end) {
    if (end <= start) return new Uint8Array();
    const { bytes, start: at } = await this.#fetch(`bytes=${start}-${end - 1}`);
    return bytes.subarray(start - at, end - at);
  }

  async #fetch(range) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#request(range);
      } catch (error) {
        if (!(error instanceof Unreachable) || attempt === WAITS.length) throw error;
        await new Promise((resolve) => setTimeout(resolve, WAITS[attempt]));
      }
    }
  }

  async #request(range) {
    const unreachable = (error) => {
      throw new Unreachable(error.message);
    };
    const response = await fetch(this.#url, { headers: { Range: range } }).catch(unreachable);
    if (response.status >= 500) throw new Unreachable(String(response.status));
    if (!response.ok) throw new Error(String(response.status));
    this.#expected += Number(response.headers.get("Content-Length")) || 0;
    const bytes = await this.#body(response).catch(unreachable);
    const stated = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("Content-Range") || "");
    return stated
      ? { bytes, start: Number(stated[1]), size: Number(stated[2]) }
      : { bytes, start: 0, size: bytes.length };
  }

  async #body(response) {
    const reader = response.body.getReader();
    const parts = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
      this.#received += value.length;
      this.#onBytes(this.#received, this.#expected);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}
