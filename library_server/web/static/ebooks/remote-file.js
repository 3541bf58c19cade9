/* A file on the server that is read by ranges, so that a book opens before all of it is here. */
import { fetchRange, Unreachable, wait } from "./ranges.js";

const HEAD = 16 * 1024,
  TAIL = 64 * 1024; // bytes that are fetched first where the server gives no opening: what a ZIP begins and ends with
const WAITS = [300, 1000, 3000]; // milliseconds before a broken request is sent again
const WIDE = 0x100000000;

/* Opens what stands at an address; `opening` is the address of what its first page needs, or empty. `onBytes` is called
   with the bytes that came so far and those that were asked for.
   Rejects with `Unreachable` where the server does not answer, and with `Refused` where it refuses. */
export async function openRemoteFile(url, opening, onBytes) {
  const file = new RemoteFile(url, onBytes);
  await file.open(opening);
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

  async open(opening) {
    try {
      if (opening) return await this.#openBy(opening);
    } catch (error) {
      console.warn(error);
    }
    const tail = await this.#fetch(`bytes=-${TAIL}`);
    this.size = tail.size;
    this.#pieces = [[tail.start, tail.bytes]];
    if (tail.start > 0) this.#pieces.push([0, await this.#range(0, Math.min(HEAD, tail.start))]);
  }

  /* Takes the parts that the first page needs (`library_server/delivery/files/epub_opening.py`); rejects where there
     are none. */
  async #openBy(opening) {
    const response = await fetch(opening);
    if (!response.ok) throw new Error(String(response.status));
    const answer = await response.arrayBuffer();
    const view = new DataView(answer);
    const wide = (at) => view.getUint32(at) * WIDE + view.getUint32(at + 4);
    let at = 8;
    while (at < answer.byteLength) {
      const length = view.getUint32(at + 8);
      this.#pieces.push([wide(at), new Uint8Array(answer, at + 12, length)]);
      at += 12 + length;
    }
    this.size = wide(0);
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
    const onLength = (length) => {
      this.#expected += length;
    };
    const onBytes = (length) => {
      this.#received += length;
      this.#onBytes(this.#received, this.#expected);
    };
    for (let attempt = 0; ; attempt++) {
      try {
        return await fetchRange(this.#url, range, { onLength, onBytes });
      } catch (error) {
        if (!(error instanceof Unreachable) || attempt === WAITS.length) throw error;
        await wait(WAITS[attempt]);
      }
    }
  }
}
