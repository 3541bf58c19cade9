/* The form in which the words of a note are written. */
import { LONGEST_NOTE, changeNote, notesOf } from "./store.js";

const { place: record, title } = document.body.dataset;

export class NoteForm {
  #form;
  #note = null; // the one that is written; null while the form is closed
  #onClose;

  /* `onClose` is called with the note when the form was closed. */
  constructor(form, onClose) {
    this.#form = form;
    this.#onClose = onClose;
    this.#words.maxLength = LONGEST_NOTE;
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#close(this.#keep());
    };
    form.querySelector("[data-do=cancel]").onclick = () => this.#close(this.#note);
    addEventListener("pagehide", () => this.keepTyped());
  }

  get #words() {
    return this.#form.querySelector("textarea");
  }

  /* Opens the form for a note; what was typed for another is kept with that one. */
  open(note) {
    if (!this.isFor(note)) {
      this.keepTyped();
      this.#note = note;
      this.#form.querySelector(".quoted").textContent = note.text || note.label;
      this.#words.value = note.note || "";
    }
    this.#form.hidden = false;
    this.#words.focus();
  }

  /* Whether the form is open for a note. */
  isFor(note) {
    return Boolean(this.#note) && this.#note.when === note.when && this.#note.cfi === note.cfi;
  }

  /* Keeps words that were typed and not sent; returns the note as it is then, or null where there is nothing new. */
  keepTyped() {
    const typed = this.#note && this.#words.value.trim();
    if (!this.#note || typed === (this.#note.note || "").trim()) return null;
    this.#note = this.#keep();
    return this.#note;
  }

  #keep() {
    const kept = notesOf(record).find(({ when }) => when === this.#note.when) || this.#note;
    const note = joinWords(this.#note.note || "", kept.note || "", this.#words.value.trim());
    return changeNote(record, { title, ...this.#note }, { note });
  }

  /* Closes the form, and gives the focus to the row of a note. */
  close() {
    this.#close(this.#note);
  }

  #close(note) {
    const wasFocused = this.#form.contains(document.activeElement);
    this.#form.hidden = true;
    this.#note = null;
    this.#onClose(note);
    const row = note && document.querySelector(`[data-when="${note.when}"] button`);
    if (wasFocused && row) row.focus();
  }
}

/* The words of a note that was opened with the words `opened`, while another tab has `kept` others: what either wrote is
   there, what both had once. */
function joinWords(opened, kept, typed) {
  if (kept === opened || kept === typed) return typed;
  if (typed === opened) return kept;
  const isExtendedTwice = opened && kept.startsWith(opened) && typed.startsWith(opened);
  const own = isExtendedTwice ? typed.slice(opened.length).trim() : typed;
  return [kept, own].filter(Boolean).join("\n");
}
