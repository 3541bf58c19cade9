/* 念给您听: the bar that reads a book aloud, where the browser has a voice for its language. */
import { keep, readKept } from "../frame/kept.js";
import { closePanels } from "../frame/panels.js";
import { paintBoxes, showRange } from "../text/pages.js";
import { languageOf } from "../text/languages.js";
import { readPage } from "../text/page-text.js";
import { Narrator } from "./narrator.js";
import { findVoice, onVoices } from "./voices.js";
import { keepAwake } from "./wake-lock.js";

const KEY = "tianyuan.speech"; // { rate } in the local storage
const RATES = [0.6, 0.8, 1, 1.25, 1.5, 2];
const MARK = "foliate-search:spoken"; // marks with this prefix are not tapped, for foliate-js
const SAMPLE = 2000; // characters that tell the language of a page

const bar = document.getElementById("speech-bar");
const starts = [...document.querySelectorAll("[data-do=read-aloud]")];
const part = (name) => bar.querySelector(`[data-do=${name}]`);

export function connectSpeech(navigator, pages) {
  return new Speech(navigator, pages);
}

class Speech {
  /* Whether there is a voice for the book. */
  isOffered = false;
  #navigator;
  #view;
  #renderer = null;
  #pages;
  #narrator;
  #language = "";
  #isTurning = false;
  #followed = null; // the range that is spoken

  constructor(navigator, pages) {
    const { view } = navigator;
    this.#navigator = navigator;
    this.#view = view;
    this.#pages = pages;
    this.#language = stated(view);
    this.#narrator = new Narrator(this.#place(), () => this.#language, (state) => this.#show(state)); // prettier-ignore
    this.#narrator.rate = savedRate();
    if (window.speechSynthesis) pages.onPage(({ doc }) => this.#learn(doc));
    onVoices(() => this.#offer());
    this.#listen();
    view.addEventListener("load", () => this.#listen());
    starts.forEach((start) => start.addEventListener("click", () => this.#start()));
    part("pause").onclick = () =>
      this.#narrator.state === "speaking" ? this.#narrator.pause() : this.#narrator.resume();
    part("stop").onclick = () => this.#narrator.stop();
    part("slower").onclick = () => this.#changeRate(-1);
    part("faster").onclick = () => this.#changeRate(1);
    window.addEventListener("pagehide", () => this.#narrator.stop());
  }

  /* A book that is opened anew for another direction of its text has another renderer and other pages. */
  #listen() {
    const { renderer } = this.#view;
    if (renderer === this.#renderer) return;
    if (this.#renderer) this.#narrator.stop();
    this.#renderer = renderer;
    renderer.addEventListener("relocate", ({ detail }) => this.#onRelocate(detail.reason));
  }

  #start() {
    closePanels();
    this.#narrator.start();
    part("pause").focus();
  }

  /* Reads from where a range begins. */
  speakFrom(range) {
    this.#narrator.start(range);
  }

  /* Takes the language from the text where the book states none, or that of another script. */
  #learn(doc) {
    const { text } = readPage(doc);
    const language = languageOf(text.slice(0, SAMPLE), this.#language);
    if (!language || this.#language.toLowerCase().startsWith(language)) return;
    this.#language = language;
    this.#offer();
  }

  #offer() {
    this.isOffered = Boolean(this.#language && findVoice(this.#language));
    starts.forEach((start) => {
      start.hidden = !this.isOffered;
    });
  }

  #place() {
    return {
      shown: () => this.#pages.shown(),
      startOf: (doc, text) => {
        const { range } = this.#view.lastLocation || {};
        return range && range.startContainer.ownerDocument === doc ? text.offsets(range)[0] : 0;
      },
      mark: (page, range) => this.#pages.mark(page, MARK, range, (boxes) => paintBoxes(boxes, "spoken")),
      clear: () => this.#pages.unmark(MARK),
      follow: (range) => this.#follow(range),
      advance: (page) => this.#advance(page),
    };
  }

  /* Turns to what is spoken after the movements before it, unless one of them was by somebody who went elsewhere. It is
     no entry of the history. */
  #follow(range) {
    this.#followed = range;
    const move = () => this.#followed === range && this.#turn(() => showRange(this.#view, range));
    return this.#navigator.run(move);
  }

  async #turn(move) {
    this.#isTurning = true;
    try {
      await move();
    } finally {
      this.#isTurning = false;
    }
  }

  /* The page after one, opened where it is not shown; null at the end of the book. */
  async #advance(read) {
    const isNew = ({ index }) => !read || index > read.index;
    const shown = this.#pages.shown().find(isNew);
    if (shown) return shown;
    const { renderer } = this.#view;
    const move = () => (renderer.nextSection ? renderer.nextSection() : renderer.next());
    await this.#navigator.run(() => this.#turn(move)); // after a turn that still moves, which foliate-js would drop
    return this.#pages.shown().find(isNew) || null;
  }

  #onRelocate(reason) {
    if (this.#isTurning || !this.#narrator.doc) return;
    const isGone = !this.#pages.shown().some(({ doc }) => doc === this.#narrator.doc);
    if (!isGone && !["page", "snap", "navigation"].includes(reason)) return;
    this.#followed = null;
    this.#narrator.move();
  }

  #changeRate(step) {
    const place = RATES.indexOf(this.#narrator.rate) + step;
    const rate = RATES[Math.max(0, Math.min(RATES.length - 1, place))];
    this.#narrator.setRate(rate);
    keep(KEY, { rate });
    this.#show(this.#narrator.state);
  }

  #show(state) {
    const isOpen = ["speaking", "paused"].includes(state);
    const wasFocused = bar.contains(document.activeElement);
    bar.hidden = !isOpen && state === "stopped";
    part("pause").hidden = part("slower").hidden = part("faster").hidden = !isOpen;
    part("pause").textContent = bar.dataset[state === "paused" ? "resume" : "pause"];
    part("rate").textContent = isOpen
      ? bar.dataset.rate.replace("#", this.#narrator.rate)
      : bar.dataset[state] || "";
    part("slower").disabled = this.#narrator.rate === RATES[0];
    part("faster").disabled = this.#narrator.rate === RATES[RATES.length - 1];
    keepAwake(state === "speaking");
    if (wasFocused && bar.hidden) document.getElementById("book").focus();
  }
}

function stated(view) {
  const language = view.book.metadata ? view.book.metadata.language : "";
  const tag = Array.isArray(language) ? language[0] : language;
  return typeof tag === "string" && tag !== "und" ? tag : "";
}

function savedRate() {
  const { rate } = readKept(KEY);
  return RATES.includes(rate) ? rate : 1;
}
