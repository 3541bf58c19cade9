/* The bytes of a PDF by ranges. The beginning and the end come while pdf.js itself still comes, and a
   range that does not come is asked for again until it does: pdf.js would give up the whole document. */
import { fetchRange, Unreachable, wait } from "../../ebooks/ranges.js";

export const CHUNK = 32 * 1024; // bytes that are fetched at least; pdf.js joins those that follow each other
const WAITS = [300, 1000, 3000, 8000]; // milliseconds before a request is sent again; the last is repeated

export class RemotePdf {
  #url;
  #listeners = { unreachable() {}, reached() {}, received() {}, refused() {} };
  #edges = new Map(); // the beginning of a range: a promise of its bytes
  #isClosed = false;
  received = 0;

  constructor(url, size, listeners) {
    this.#url = url;
    this.size = size;
    Object.assign(this.#listeners, listeners);
  }

  /* Starts what every PDF needs first. */
  prefetch() {
    const last = Math.floor((this.size - 1) / CHUNK) * CHUNK;
    for (const begin of new Set([0, last]))
      this.#edges.set(begin, this.#fetch(begin, Math.min(begin + CHUNK, this.size)));
  }

  /* A transport for `getDocument` of pdf.js, with the first bytes. */
  async transport({ PDFDataRangeTransport }) {
    const transport = new PDFDataRangeTransport(this.size, await this.#edges.get(0));
    transport.requestDataRange = async (begin, end) => {
      const bytes = await this.read(begin, end);
      if (bytes) transport.onDataRange(begin, bytes);
    };
    transport.abort = () => (this.#isClosed = true);
    return transport;
  }

  async read(begin, end) {
    const edge = this.#edges.get(begin);
    const bytes = edge && (await edge);
    return bytes && bytes.length === end - begin ? bytes : this.#fetch(begin, end);
  }

  async #fetch(begin, end) {
    const range = `bytes=${begin}-${end - 1}`;
    const onBytes = (length) => {
      this.received += length;
      this.#listeners.received(this.received);
    };
    for (let attempt = 0; !this.#isClosed; attempt++) {
      try {
        const { bytes, start } = await fetchRange(this.#url, range, { onBytes });
        if (attempt) this.#listeners.reached();
        return bytes.subarray(begin - start, end - start);
      } catch (error) {
        if (!(error instanceof Unreachable)) return this.#listeners.refused(error);
        if (attempt) this.#listeners.unreachable();
        await wait(WAITS[Math.min(attempt, WAITS.length - 1)]);
      }
    }
    return null;
  }
}
