/* Searches a book chapter by chapter, from the one that is open. The text of chapters that were read is kept, so that
   the next search need not fetch them again. */
import { isNotice } from "../epub/notices.js";
import { readPage } from "../text/page-text.js";
import { findAny, fold } from "./folding.js";

const MOST_KEPT = 8e6; // characters of text
const MOST_HITS_OF_CHAPTER = 200,
  BEFORE = 24,
  AFTER = 48; // characters of an excerpt
const AT_ONCE = 4; // chapters that are fetched together

export const FIRST_PART = 3e6; // bytes of chapters before a reader is asked whether to go on
export const MOST_HITS = 500;

export class BookSearch {
  #sections;
  #texts = new Map();
  #kept = 0;

  constructor(sections) {
    this.#sections = sections;
  }

  get chapters() {
    return this.#sections.filter((section) => section.createDocument).length;
  }

  /* The order in which chapters are searched: from the one that is open to the end, then from the beginning. */
  order(open) {
    const searched = this.#sections.map((_, index) => index);
    return searched
      .slice(open)
      .concat(searched.slice(0, open))
      .filter((index) => this.#sections[index].createDocument);
  }

  /* Yields `{ index, hits, size, isMissing }` for each chapter of `order`. `hits` are `{ start, end, before, match,
     after }` of any of the folded `needles`; `size` is how many bytes of the file were needed, 0 for a chapter that is kept. */
  async *search(needles, order) {
    for (let from = 0; from < order.length; from += AT_ONCE) {
      const part = order.slice(from, from + AT_ONCE);
      const texts = part.map((index) => this.#read(index));
      for (let place = 0; place < part.length; place++) {
        const { text, size } = await texts[place];
        const hits = text === null ? [] : hitsOf(text, needles);
        yield { index: part[place], hits, size, isMissing: text === null };
      }
      await nextTask(); // the page answers taps between chapters
    }
  }

  async #read(index) {
    if (this.#texts.has(index)) return { text: this.#texts.get(index), size: 0 };
    const size = this.#sections[index].size || 0;
    try {
      const page = await this.#sections[index].createDocument();
      if (isNotice(page)) return { text: null, size };
      const { text } = readPage(page);
      if (this.#kept + text.length <= MOST_KEPT) {
        this.#kept += text.length;
        this.#texts.set(index, text);
      }
      return { text, size };
    } catch (error) {
      console.warn(error);
      return { text: null, size };
    }
  }
}

function hitsOf(text, needles) {
  return findAny(fold(text), needles, MOST_HITS_OF_CHAPTER).map(([start, end]) => {
    const line = text.lastIndexOf("\n", start) + 1;
    const next = text.indexOf("\n", end);
    const last = next < 0 ? text.length : next;
    const from = Math.max(line, start - BEFORE),
      to = Math.min(last, end + AFTER);
    return {
      start,
      end,
      before: (from > line ? "…" : "") + text.slice(from, start).trimStart(),
      match: text.slice(start, end),
      after: text.slice(end, to).trimEnd() + (to < last ? "…" : ""),
    };
  });
}

function nextTask() {
  return new Promise((resolve) => setTimeout(resolve));
}
