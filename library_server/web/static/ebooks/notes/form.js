/* The form in which the words of a note are written. */
import { LONGEST_NOTE, keepNote } from "./store.js";

const { place: record, title } = document.body.dataset;

export class NoteForm {
  #form;
  #note = null;
  #onClose;

  constructor(form, onClose) {
    this.#form = form;
    this.#onClose = onClose;
    this.#words.maxLength = LONGEST_NOTE;
    form.onsubmit = (event) => {
      event.preventDefault();
      keepNote(record, { title, ...this.#note, note: this.#words.value.trim() });
      this.close();
    };
    form.querySelector("[data-do=cancel]").onclick = () => this.close();
  }

  get #words() {
    return this.#form.querySelector("textarea");
  }

  open(note) {
    this.#note = note;
    const quote = this.#form.querySelector(".quoted");
    quote.textContent = note.text || note.label;
    this.#words.value = note.note || "";
    this.#form.hidden = false;
    this.#words.focus();
  }

  close() {
    const wasFocused = this.#form.contains(document.activeElement);
    this.#form.hidden = true;
    this.#onClose();
    const row = document.querySelector(`[data-when="${this.#note.when}"] button`);
    if (wasFocused && row) row.focus();
  }
}
