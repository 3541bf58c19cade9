/* Finds words in the document. The library knows the text of all pages, which the browser would have to fetch; the
   places are marked on the pages that are shown. */

import { closeCoveringPanel, onPanel } from "../../ebooks/frame/panels.js";
import { data } from "../page-data.js";

export class Finder {
  #viewer;
  #jump;
  #hits = []; // [page, which of the page] of every place
  #forms = [];
  #at = -1;
  #run = 0;
  #words = ""; // whose places are listed

  /* `jump` goes to a page. */
  constructor(viewer, jump) {
    this.#viewer = viewer;
    this.#jump = jump;
    this.form = document.getElementById("find");
    this.status = document.getElementById("find-status");
    this.list = document.getElementById("find-places");
    this.bar = document.getElementById("find-bar");
    this.form.onsubmit = (event) => {
      event.preventDefault();
      const words = this.form.elements.words.value.trim();
      if (words === this.#words && this.#hits.length) this.#stepByKey(1);
      else this.find(words);
    };
    document.addEventListener("keydown", (event) => this.#onKey(event));
    onPanel("search", () => this.form.elements.words.select());
    document.getElementById("find-back").onclick = () => this.step(-1);
    document.getElementById("find-next").onclick = () => this.step(1);
    document.getElementById("find-end").onclick = () => this.end();
  }

  async find(words) {
    this.end();
    if (!words) return;
    const run = ++this.#run;
    this.status.textContent = data.finding;
    try {
      const response = await fetch(`${location.pathname}/find?q=${encodeURIComponent(words)}`);
      if (!response.ok) throw new Error(String(response.status));
      const results = await response.json();
      if (run === this.#run) this.#show(words, results);
    } catch (error) {
      console.error(error);
      if (run === this.#run) this.status.textContent = data.unreachable;
    }
  }

  #show(words, { places, forms, is_complete: isComplete }) {
    this.#forms = forms;
    this.#words = words;
    this.#hits = [];
    for (const { value, count } of places)
      for (let at = 0; at < count; at++) this.#hits.push([Number(value), at]);
    const total = data.hitCount.replace("#", this.#hits.length);
    this.status.textContent = !places.length ? data.noHits : isComplete ? total : `${total} ${data.more}`;
    let first = 0;
    for (const place of places) {
      this.list.append(this.#entryOf(place, first));
      first += place.count;
    }
    this.markAll();
  }

  #entryOf({ value, label, count, before, match, after }, hit) {
    const entry = document.createElement("li"),
      button = document.createElement("button"),
      quote = document.createElement("q"),
      mark = document.createElement("mark"),
      where = document.createElement("small");
    button.type = "button";
    mark.textContent = match;
    quote.append(before, mark, after);
    where.textContent = count > 1 ? `${label} · ${data.hitCount.replace("#", count)}` : label;
    where.className = "stone";
    button.append(quote, where);
    button.onclick = () => {
      closeCoveringPanel();
      this.goTo(hit);
    };
    button.dataset.page = value;
    entry.append(button);
    return entry;
  }

  /* Browsers step through what they found by these keys. */
  #onKey(event) {
    const { key, ctrlKey, metaKey, shiftKey } = event;
    const isNext = key === "F3" || ((ctrlKey || metaKey) && key.toLowerCase() === "g");
    const isBefore = key === "Enter" && shiftKey && event.target === this.form.elements.words;
    if (!(isNext || isBefore) || !this.#hits.length) return;
    event.preventDefault();
    this.#stepByKey(shiftKey ? -1 : 1);
  }

  #stepByKey(by) {
    closeCoveringPanel();
    this.step(by);
  }

  step(by) {
    const at = this.#at < 0 && by < 0 ? 0 : this.#at;
    this.goTo((at + by + this.#hits.length) % this.#hits.length);
  }

  goTo(hit) {
    const [page] = this.#hits[hit];
    const { first, last } = this.#viewer.seen(); // which may have been scrolled away from the place before
    const isNear = this.#at >= 0 && page >= first && page <= last;
    this.#at = hit;
    this.bar.hidden = false;
    this.bar.querySelector("output").value = `${hit + 1} / ${this.#hits.length}`;
    if (!isNear) this.#jump(page);
    this.markAll();
    this.#showCurrent();
  }

  end() {
    this.#run++;
    this.#hits = [];
    this.#forms = [];
    this.#at = -1;
    this.bar.hidden = true;
    this.status.textContent = "";
    this.list.textContent = "";
    this.markAll();
  }

  markAll() {
    for (const pageView of this.#viewer.pageViews.values()) this.mark(pageView);
  }

  /* Marks the hits on a page whose text is there. */
  mark(pageView) {
    if (!pageView.text) return;
    const marks = pageView.text.mark(this.#forms);
    const current = this.#hits[this.#at];
    if (!current || current[0] !== pageView.number || !marks.length) return;
    for (const mark of marks[Math.min(current[1], marks.length - 1)]) mark.className = "current";
    this.#showCurrent();
  }

  #showCurrent() {
    const mark = this.#viewer.main.querySelector("mark.current");
    if (!mark) return;
    const { main } = this.#viewer;
    const place = mark.getBoundingClientRect(),
      frame = main.getBoundingClientRect();
    const isSeen = place.top > frame.top + 20 && place.bottom < frame.bottom - 80;
    if (!isSeen) main.scrollTop += place.top - frame.top - frame.height / 3;
    // an enlarged page is wider than the window
    const isBeside = place.left < frame.left || place.right > frame.right;
    if (isBeside) main.scrollLeft += place.left - frame.left - (frame.width - place.width) / 2;
  }
}
