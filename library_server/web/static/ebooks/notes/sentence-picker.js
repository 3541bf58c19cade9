/* Selects sentences by buttons, for people who cannot drag over words: by keyboard, or with a hand that trembles. */
import { readPage } from "../text/page-text.js";
import { paintBoxes, showRange } from "../text/pages.js";
import { splitSentences } from "../text/sentences.js";

const KEY = "foliate-search:picked"; // marks with this prefix are not tapped, for foliate-js

/* `onPick` is called with each passage `{ doc, index, range }`. */
export function pickSentences(navigator, pages, onPick) {
  return new SentencePicker(navigator, pages, onPick);
}

class SentencePicker {
  #navigator;
  #pages;
  #onPick;
  #page = null; // { doc, index } of the sentences
  #text = null;
  #sentences = [];
  #first = 0;
  #last = 0;

  constructor(navigator, pages, onPick) {
    this.#navigator = navigator;
    this.#pages = pages;
    this.#onPick = onPick;
  }

  /* Picks the first sentence of what is shown; false where there is none. */
  start() {
    const [page] = this.#pages.shown();
    if (!page) return false;
    this.#page = page;
    this.#text = readPage(page.doc);
    this.#sentences = splitSentences(this.#text.text);
    const { range } = this.#navigator.view.lastLocation || {};
    const from = range && range.startContainer.ownerDocument === page.doc ? this.#text.offsets(range)[0] : 0;
    const first = this.#sentences.findIndex(([start]) => start >= from);
    this.#first = this.#last = first < 0 ? this.#sentences.length - 1 : first;
    if (this.#first < 0) return false;
    this.#pick();
    return true;
  }

  /* Picks the sentence before ("back") or after ("next"), or adds the one after to those that are picked ("more"). */
  move(step) {
    const end = this.#sentences.length - 1;
    if (step === "more") this.#last = Math.min(end, this.#last + 1);
    else if (step === "next") this.#first = this.#last = Math.min(end, this.#last + 1);
    else this.#first = this.#last = Math.max(0, this.#first - 1);
    this.#pick();
  }

  async #pick() {
    const range = this.#text.range(this.#sentences[this.#first][0], this.#sentences[this.#last][1]);
    this.#pages.mark(this.#page, KEY, range, (boxes) => paintBoxes(boxes, "picked"));
    this.#onPick({ doc: this.#page.doc, index: this.#page.index, range });
    const [, end] = this.#sentences[this.#last];
    const last = this.#text.range(end - 1, end);
    await this.#navigator.run(() => showRange(this.#navigator.view, last));
  }

  clear() {
    this.#pages.unmark(KEY);
  }
}
