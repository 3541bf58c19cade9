/* Highlights on the pages of a book of foliate-js: drawn where they belong, and found again by their words where the
   place in the file is another than it was. */
import { readPage } from "../text/page-text.js";
import { paintBoxes } from "../text/pages.js";
import { findAll, fold } from "../search/folding.js";
import { COLOURS } from "./store.js";

const PREFIX = "note:";

export class Highlights {
  #view;
  #pages;
  #notes; // a function that returns the notes of the book
  #drawn = [];
  #indexes = new Map(); // number of a section by CFI

  constructor(view, pages, notes) {
    this.#view = view;
    this.#pages = pages;
    this.#notes = notes;
    pages.onPage((page) => this.#draw(page));
  }

  /* Draws all anew, after notes have changed. */
  redraw() {
    this.#drawn.splice(0).forEach((key) => this.#pages.unmark(key));
    this.#pages.shown().forEach((page) => this.#draw(page));
  }

  #draw(page) {
    for (const note of this.#notes()) {
      if (note.kind !== "highlight" || this.indexOf(note) !== page.index) continue;
      const range = this.rangeOf(note, page.doc);
      if (!range) continue;
      const colour = COLOURS.includes(note.colour) ? note.colour : COLOURS[0];
      const isVertical = /^vertical/.test(getComputedStyle(page.doc.body).writingMode);
      const options = { line: Boolean(note.note), isVertical };
      const key = `${PREFIX}${note.when}`;
      this.#pages.mark(page, key, range, (boxes) => paintBoxes(boxes, `highlight-${colour}`, options));
      this.#drawn.push(key);
    }
  }

  /* The note that is under a point of a page, the newest of several. */
  noteAt(doc, point) {
    const when = Number(this.#pages.keyAt(doc, point, PREFIX).slice(PREFIX.length));
    return when ? this.#notes().find((note) => note.when === when) : undefined;
  }

  /* The number of the section that a note is in; -1 where the book has none such. */
  indexOf({ cfi }) {
    if (!this.#indexes.has(cfi)) this.#indexes.set(cfi, this.#readIndex(cfi));
    return this.#indexes.get(cfi);
  }

  #readIndex(cfi) {
    try {
      const { index } = this.#view.resolveCFI(cfi);
      return index in this.#view.book.sections ? index : -1;
    } catch {
      return -1;
    }
  }

  /* The words of a note on its page; null where they are not there any more. */
  rangeOf(note, doc) {
    const range = this.placeOf(note, doc);
    if (range && (!note.text || sameWords(range, note.text))) return range;
    return note.text ? rangeByWords(note.text, doc) : range;
  }

  /* Where a note says that it is on its page; null where the page has no such place. */
  placeOf(note, doc) {
    try {
      return this.#view.resolveCFI(note.cfi).anchor(doc);
    } catch {
      return null;
    }
  }
}

function sameWords(range, words) {
  const page = readPage(range.startContainer.ownerDocument);
  const [start, end] = page.offsets(range);
  return bare(page.text.slice(start, end)).startsWith(bare(words));
}

function rangeByWords(words, doc) {
  const page = readPage(doc);
  const [place] = findAll(fold(page.text.replace(/\n/g, " ")), bare(words), 1);
  return place ? page.range(...place) : null;
}

function bare(words) {
  return fold(words.replace(/\n/g, " ").trim()).text;
}
