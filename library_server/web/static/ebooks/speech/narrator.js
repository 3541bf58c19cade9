/* Reads a book aloud from the page that is shown, sentence by sentence, and turns the pages along. */
import { languageOf } from "../text/languages.js";
import { readPage } from "../text/page-text.js";
import { splitForSpeech } from "../text/sentences.js";
import { findVoice } from "./voices.js";

const MOST = 36; // Chinese characters that are spoken at once: 13 seconds at the slowest rate
const AFTER_CANCEL = 60; // milliseconds; some browsers lose what is spoken right after a cancel
const SLOWEST = 1.5, // characters a second at the normal rate
  PATIENCE = 8000; // milliseconds more, until a voice that says nothing is given up
const MOST_FAILURES = 3; // one after the other

/* `place` shows and marks what is spoken: `{ shown(), startOf(doc), mark(page, range), clear(), follow(range), advance() }`.
   `onChange(state)` is called with "speaking", "paused", "stopped", "finished" or "failed". */
export class Narrator {
  state = "stopped";
  rate = 1;
  #place;
  #language;
  #onChange;
  #page = null; // { doc, index } that is read
  #text = null;
  #parts = [];
  #at = 0;
  #utterance = null; // kept, or Chrome may collect it before its end is told
  #timer = 0;
  #failures = 0;
  #isMoved = false; // another page was turned to while it paused

  constructor(place, language, onChange) {
    this.#place = place;
    this.#language = language;
    this.#onChange = onChange;
  }

  /* The document that is read. */
  get doc() {
    return this.#page && this.#page.doc;
  }

  /* Starts with a range, or else with what is shown. */
  start(range) {
    this.#silence();
    const pages = this.#place.shown();
    const doc = range && range.startContainer.ownerDocument;
    const page = pages.find((shown) => shown.doc === doc) || pages[0];
    this.#failures = 0;
    this.#set("speaking");
    if (!page) return this.#advance();
    this.#load(page);
    const from = range ? this.#text.offsets(range)[0] : this.#place.startOf(page.doc, this.#text);
    const first = this.#parts.findIndex(([start, end]) => (range ? end > from : start >= from));
    this.#at = first < 0 ? this.#parts.length : first;
    this.#timer = setTimeout(() => this.#speak(), AFTER_CANCEL);
  }

  /* `pause()` of the browser is not used: in Chrome on Android it ends the sentence (issue 5 of
     HadrienGardeur/read-aloud-best-practices), elsewhere the voice may not come back. */
  pause() {
    if (this.state !== "speaking") return;
    this.#silence();
    this.#set("paused");
  }

  resume() {
    if (this.state !== "paused") return;
    if (this.#isMoved) return this.start();
    this.#set("speaking");
    this.#speak();
  }

  stop(state = "stopped") {
    this.#silence();
    this.#place.clear();
    this.#page = null;
    this.#set(state);
  }

  /* Somebody turned to another page: goes on from there. */
  move() {
    if (this.state === "speaking") this.start();
    else if (this.state === "paused") this.#isMoved = true;
  }

  setRate(rate) {
    this.rate = rate;
    if (this.state !== "speaking") return;
    this.#silence();
    this.#timer = setTimeout(() => this.#speak(), AFTER_CANCEL);
  }

  #set(state) {
    this.state = state;
    this.#isMoved = false;
    this.#onChange(state);
  }

  #silence() {
    this.#utterance = null;
    clearTimeout(this.#timer);
    window.speechSynthesis.cancel();
  }

  #load(page) {
    this.#page = page;
    this.#text = readPage(page.doc);
    this.#parts = splitForSpeech(this.#text.text, MOST);
    this.#at = 0;
  }

  #speak() {
    if (this.state !== "speaking") return;
    if (this.#at >= this.#parts.length) return this.#advance();
    const [start, end] = this.#parts[this.#at];
    const range = this.#text.range(start, end);
    this.#place.mark(this.#page, range);
    this.#place.follow(range);
    const utterance = this.#utteranceOf(this.#text.text.slice(start, end));
    const isCurrent = () => this.#utterance === utterance;
    utterance.onend = () => isCurrent() && this.#next(false);
    utterance.onerror = () => isCurrent() && this.#next(true);
    utterance.onboundary = ({ charIndex }) => isCurrent() && this.#follow(start + charIndex, end);
    this.#utterance = utterance;
    this.#wait(end - start);
    window.speechSynthesis.speak(utterance);
  }

  #utteranceOf(text) {
    const utterance = new SpeechSynthesisUtterance(text);
    const stated = this.#language();
    const language = languageOf(text, stated);
    const tag = stated.toLowerCase().startsWith(language) ? stated : language;
    const voice = findVoice(tag) || findVoice(stated) || findVoice("zh");
    if (voice) utterance.voice = voice;
    utterance.lang = voice ? voice.lang : tag;
    utterance.rate = this.rate;
    return utterance;
  }

  /* A sentence may begin on one page and end on the next. */
  #follow(at, end) {
    this.#wait(end - at);
    if (at < end) this.#place.follow(this.#text.range(at, at + 1));
  }

  #wait(characters) {
    clearTimeout(this.#timer);
    const longest = (characters / SLOWEST / this.rate) * 1000 + PATIENCE;
    this.#timer = setTimeout(() => {
      this.#silence();
      this.#next(true);
    }, longest);
  }

  #next(isFailure) {
    clearTimeout(this.#timer);
    this.#failures = isFailure ? this.#failures + 1 : 0;
    if (this.#failures >= MOST_FAILURES) return this.stop("failed");
    this.#at++;
    this.#speak();
  }

  async #advance() {
    const read = this.#page;
    const page = await this.#place.advance(read);
    if (this.state !== "speaking" || this.#page !== read) return;
    if (!page) return this.stop("finished");
    this.#load(page);
    this.#speak();
  }
}
