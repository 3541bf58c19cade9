/* The words that were searched, marked on the pages that are shown, and the bar that steps from one to the next. */
import { readPage } from "../text/page-text.js";
import { paintBoxes } from "../text/pages.js";
import { findAny, fold } from "./folding.js";

const PREFIX = "foliate-search:"; // marks with it are not tapped, for foliate-js
const MOST_MARKS = 200; // on a chapter

const bar = document.getElementById("hit-bar");
const part = (name) => bar.querySelector(`[data-do=${name}]`);

export class HitMarks {
  onStep = () => {};
  onEnd = () => {};
  #navigator;
  #pages;
  #needles = []; // what is marked, folded
  #place = null;
  #number = 0;
  #drawn = [];
  #folded = new WeakMap(); // by the text of a page

  constructor(navigator, pages) {
    this.#navigator = navigator;
    this.#pages = pages;
    pages.onPage((page) => this.#draw(page));
    part("back").onclick = () => this.onStep(-1);
    part("next").onclick = () => this.onStep(1);
    part("close").onclick = () => this.onEnd();
  }

  begin(needles) {
    this.#needles = needles;
  }

  clear() {
    this.#needles = [];
    this.#place = null;
    bar.hidden = true;
    this.#drawn.splice(0).forEach((key) => this.#pages.unmark(key));
  }

  /* Opens a place, with its words marked. The way back leads to the place before the first of a search. */
  async show(place, number, count) {
    const isFirst = bar.hidden;
    this.#place = place;
    this.#number = number;
    bar.hidden = false;
    this.setCount(count);
    const { index } = place;
    const anchor = (doc) => this.#rangeIn(doc, place) || 0;
    const move = () => this.#navigator.view.renderer.goTo({ index, anchor });
    await (isFirst ? this.#navigator.jumpBy(move) : this.#navigator.run(move));
    this.#pages.shown().forEach((page) => this.#draw(page));
  }

  setCount(count) {
    if (!bar.hidden) bar.querySelector("[role=status]").textContent = `${this.#number} / ${count}`;
  }

  #rangeIn(doc, place) {
    const page = readPage(doc);
    const found = this.#find(page);
    const distance = ([start]) => Math.abs(start - place.start);
    const nearest = found.sort((one, other) => distance(one) - distance(other))[0];
    return nearest ? page.range(...nearest) : null;
  }

  #find(page) {
    if (!this.#folded.has(page)) this.#folded.set(page, fold(page.text));
    return findAny(this.#folded.get(page), this.#needles, MOST_MARKS);
  }

  #draw(page) {
    if (!this.#needles.length) return;
    const text = readPage(page.doc);
    this.#drawn = this.#drawn.filter((key) => !key.startsWith(`${PREFIX}${page.index}:`));
    for (const [start, end] of this.#find(text)) {
      const isOpen = this.#place && this.#place.index === page.index && this.#place.start === start;
      const key = `${PREFIX}${page.index}:${start}`;
      const name = isOpen ? "open-hit" : "hit";
      this.#pages.mark(page, key, text.range(start, end), (boxes) => paintBoxes(boxes, name));
      this.#drawn.push(key);
    }
  }
}
