/* The panel 查找: words are searched through the book, with its progress, and a tap on a place opens it. */
import { closeCoveringPanel, offerPanel, onPanel } from "../frame/panels.js";
import { BookSearch, FIRST_PART, MOST_HITS } from "./book-search.js";
import { HitList } from "./hit-list.js";
import { HitMarks } from "./hit-marks.js";
import { foldQuery, needlesOf } from "./needles.js";

const MOST_FAILURES = 12; // chapters, one after the other, until the network is taken to be gone

const panel = document.getElementById("book-search");

/* Connects the panel with the view of a navigator and its `pages`; books without text, such as comics, have no search. */
export function connectSearch(navigator, pages) {
  const { view } = navigator;
  const search = new BookSearch(view.book.sections);
  if (!panel || !search.chapters) return;
  new SearchPanel(view, search, new HitMarks(navigator, pages));
  offerPanel("search");
}

class SearchPanel {
  #view;
  #search;
  #marks;
  #list;
  #run = null; // what is searched now: { needles, order, place, bytes, isAsked, missing, going }
  #words = panel.querySelector("input");
  #status = panel.querySelector("[role=status]"); // is read by screen readers, and so holds the outcome alone
  #running = panel.querySelector(".running");
  #bar = panel.querySelector("progress");
  #stop = panel.querySelector("[data-do=stop]");
  #more = panel.querySelector("[data-do=more]");

  constructor(view, search, marks) {
    this.#view = view;
    this.#search = search;
    this.#marks = marks;
    this.#list = new HitList(view, panel.querySelector(".hits"), (place) => this.#open(place));
    panel.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      this.#begin();
    };
    this.#words.oninput = () => {
      if (!this.#words.value.trim()) this.#clear();
    };
    onPanel("search", () => this.#words.select());
    this.#stop.onclick = () => {
      if (this.#run) this.#run.isStopped = true; // also while the needles are asked for
      this.#end("stopped");
    };
    this.#more.onclick = () => this.#continue();
    marks.onStep = (step) => this.#step(step);
    marks.onEnd = () => this.#clear();
  }

  #clear() {
    this.#run = null;
    this.#list.clear();
    this.#marks.clear();
    this.#status.textContent = this.#running.textContent = "";
    this.#show(false, false);
  }

  async #begin() {
    this.#clear();
    const query = this.#words.value.trim();
    if (!foldQuery(query)) return;
    const open = (this.#view.lastLocation && this.#view.lastLocation.section) || { current: 0 };
    const order = this.#search.order(open.current);
    const run = { needles: [], order, place: 0, bytes: 0, most: MOST_HITS, isAsked: false, missing: [] };
    this.#run = run;
    this.#say(run, "searching");
    this.#show(true, false);
    run.needles = await needlesOf(query);
    if (this.#run !== run) return;
    this.#marks.begin(run.needles);
    if (!run.isStopped) this.#go();
  }

  #continue() {
    const run = this.#run;
    if (!run) return;
    run.isAsked = true;
    run.isStopped = false;
    if (!run.needles.length) return; // they are still asked for
    run.most = this.#list.count + MOST_HITS;
    if (run.place >= run.order.length) run.order = run.order.concat(run.missing.splice(0));
    this.#go();
  }

  async #go() {
    const run = this.#run;
    const going = (run.going = {}); // a loop that was stopped may end after the next has begun
    run.failures = 0;
    this.#status.textContent = "";
    this.#show(true, false);
    this.#say(run, "searching");
    for await (const { index, hits, size, isMissing } of this.#search.search(
      run.needles,
      run.order.slice(run.place)
    )) {
      if (this.#run !== run || run.going !== going) return;
      run.place++;
      run.bytes += size;
      this.#note(run, index, hits, isMissing);
      this.#say(run, "searching");
      if (run.failures >= MOST_FAILURES) return this.#end("missing");
      const enough = run.place < run.order.length && this.#enough(run);
      if (enough) return this.#end(enough);
    }
    if (this.#run === run && run.going === going) this.#end(run.missing.length ? "missing" : "done");
  }

  #note(run, index, hits, isMissing) {
    run.failures = isMissing ? run.failures + 1 : 0;
    if (isMissing) run.missing.push(index);
    else this.#list.add(index, hits);
  }

  /* Why the reader is asked whether to go on: "many" places, or "asked" where much of the book was fetched; or empty. */
  #enough(run) {
    if (this.#list.count >= run.most) return "many";
    return !run.isAsked && run.bytes >= FIRST_PART ? "asked" : "";
  }

  #end(how) {
    if (!this.#run) return;
    this.#run.going = null;
    this.#say(this.#run, how);
    this.#show(false, how !== "done");
  }

  #show(isRunning, hasMore) {
    this.#bar.hidden = this.#running.hidden = this.#stop.hidden = !isRunning;
    this.#more.hidden = !hasMore;
  }

  /* Says how many places were found, and how much of the book was searched. */
  #say(run, how) {
    const { count } = this.#list;
    const total = this.#search.chapters;
    const searched = Math.min(total, run.place - run.missing.length);
    this.#bar.max = run.order.length;
    this.#bar.value = run.place;
    const values = { count, searched, total, missing: run.missing.length };
    const found = count ? panel.dataset.found : how === "searching" ? "" : panel.dataset.none;
    const part = how === "done" ? "" : panel.dataset[how];
    const text = [found, part].filter(Boolean).map((message) => fill(message, values));
    (how === "searching" ? this.#running : this.#status).textContent = text.join(" ");
    this.#marks.setCount(count);
  }

  #open(place) {
    this.#list.select(place);
    closeCoveringPanel();
    return this.#marks.show(place, this.#list.numberOf(place), this.#list.count);
  }

  #step(step) {
    const place = this.#list.next(step);
    if (place) this.#open(place);
  }
}

function fill(message, values) {
  return message.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
