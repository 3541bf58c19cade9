/* Bookmarks, highlights and notes in a book of foliate-js. */
import { closePanels } from "../frame/panels.js";
import { sectionLabel } from "../place/place.js";
import { quote, readPage, tidy } from "../text/page-text.js";
import { copyText } from "./export.js";
import { Highlights } from "./highlights.js";
import { connectNotes } from "./panel.js";
import { PassageBar } from "./passage-bar.js";
import { selected, watchSelections } from "./selection.js";
import { pickSentences } from "./sentence-picker.js";
import { COLOURS, LONGEST_TEXT, changeNote, deleteNote, keepNote, notesOf, onNotes } from "./store.js";

const { place: record, title } = document.body.dataset;
const messages = document.getElementById("book-notes").dataset;
const EXCERPT = 60; // characters of a page that a bookmark quotes

/* Connects the view of a navigator with its `pages`; `speech` reads passages aloud, where it can. */
export function connectBookNotes(navigator, pages, speech) {
  return new BookNotes(navigator, pages, speech);
}

class BookNotes {
  #navigator;
  #view;
  #pages;
  #speech;
  #highlights;
  #bar;
  #panel;
  #picker;
  #colour = COLOURS[0];

  constructor(navigator, pages, speech) {
    const { view } = navigator;
    this.#navigator = navigator;
    this.#view = view;
    this.#pages = pages;
    this.#speech = speech;
    this.#highlights = new Highlights(view, pages, () => notesOf(record));
    this.#bar = new PassageBar(this.#actions(), () => this.#picker.clear());
    this.#picker = pickSentences(navigator, pages, (passage) => this.#show("sentence", passage));
    this.#panel = connectNotes({
      here: () => this.#here(),
      isHere: (note) => this.#isHere(note),
      goTo: (note) => this.#goTo(note),
    });
    onNotes(() => this.#highlights.redraw());
    watchSelections(pages, (passage) => this.#onSelect(passage));
    pages.onPage(({ doc }) => this.#listen(doc));
    view.addEventListener("relocate", () => this.#onRelocate());
    const pick = document.querySelector("[data-do=pick-sentence]"); // comics have none
    if (pick) pick.onclick = () => this.#pick();
  }

  #pick() {
    closePanels();
    if (!this.#picker.start()) this.#show("said", null, { message: messages.noSentence });
    this.#bar.focus();
  }

  /* Opens the note that the address of the page names. */
  openLinked() {
    return this.#panel.openLinked();
  }

  #actions() {
    return {
      highlight: (passage) => this.#highlight(passage),
      note: (passage) => this.#write(passage),
      copy: (passage) => this.#copy(passage),
      speak: (passage) => this.#speak(passage),
      colour: (note, colour) => this.#paint(note, colour),
      remove: (note) => this.#remove(note),
      undo: (note) => this.#undo(note),
      move: (passage, step) => this.#picker.move(step),
    };
  }

  #show(mode, passage, more = {}) {
    this.#bar.show(mode, passage, { canSpeak: this.#speech.isOffered, ...more });
  }

  #onSelect(passage) {
    if (passage) {
      this.#picker.clear();
      this.#show("selected", passage);
    } else if (this.#bar.mode === "selected") this.#bar.hide();
  }

  #onRelocate() {
    this.#panel.refresh();
    const { passage } = this.#bar;
    const isGone = passage && passage.doc && !this.#pages.shown().some(({ doc }) => doc === passage.doc);
    if (isGone) this.#bar.hide();
  }

  #listen(doc) {
    if (doc.isWatchedForNotes) return;
    doc.isWatchedForNotes = true;
    doc.defaultView.addEventListener(
      "click",
      (event) => {
        const note =
          event.target.closest && !event.target.closest("a[href]") && this.#highlights.noteAt(doc, event);
        if (note) {
          event.stopImmediatePropagation(); // the page does not turn
          this.#showNote(note);
        } else if (this.#bar.isShown && !selected(doc)) {
          event.stopImmediatePropagation();
          this.#bar.hide();
        }
      },
      true
    );
    doc.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !this.#bar.isShown || !selected(doc)) return;
      event.preventDefault();
      this.#bar.focus();
    });
  }

  #showNote(note) {
    this.#show("marked", note, { colour: note.colour, message: note.note });
  }

  #highlight(passage) {
    const note = keepNote(record, { ...this.#noteOf(passage), colour: this.#colour });
    this.#view.deselect();
    this.#picker.clear(); // its mark would mix with the colour
    this.#showNote(note);
  }

  /* A new highlight of a passage; the one that is there, where it has the same words. */
  #noteOf(passage) {
    if (!passage.range) return passage;
    const cfi = this.#view.getCFI(passage.index, passage.range);
    const known = notesOf(record).find((note) => note.kind === "highlight" && note.cfi === cfi);
    const text = quote(passage.range).slice(0, LONGEST_TEXT);
    const label = sectionLabel(this.#view, passage.index, passage.range);
    return known || { kind: "highlight", title, cfi, label, text, note: "", colour: this.#colour };
  }

  #write(passage) {
    const note = this.#noteOf(passage);
    this.#bar.hide();
    this.#view.deselect();
    this.#panel.edit(note);
  }

  async #copy(passage) {
    const isCopied = await copyText(passage.range ? quote(passage.range) : passage.text);
    this.#view.deselect();
    this.#show("said", null, { message: messages[isCopied ? "copied" : "notCopied"] });
  }

  #speak(passage) {
    const range = passage.range || this.#rangeOnPage(passage);
    this.#bar.hide();
    this.#view.deselect();
    if (range) this.#speech.speakFrom(range);
  }

  #rangeOnPage(note) {
    const index = this.#highlights.indexOf(note);
    const page = this.#pages.shown().find((shown) => shown.index === index);
    return page ? this.#highlights.rangeOf(note, page.doc) : null;
  }

  #paint(note, colour) {
    this.#colour = colour;
    this.#showNote(changeNote(record, note, { colour }));
  }

  #remove(note) {
    deleteNote(record, note.when);
    this.#show("deleted", note, { message: messages.deleted });
  }

  #undo(note) {
    this.#showNote(keepNote(record, note));
  }

  /* The page that is shown, as a place to keep. */
  #here() {
    const location = this.#view.lastLocation;
    const [page] = this.#pages.shown();
    if (!location || !page) return null;
    const { index } = page;
    if (!location.range)
      return {
        cfi: this.#view.getCFI(index),
        label: sectionLabel(this.#view, index),
        text: excerptOf(page.doc),
      };
    const start = location.range.cloneRange();
    start.collapse(true);
    const cfi = this.#view.getCFI(index, start);
    return {
      cfi,
      label: sectionLabel(this.#view, index, location.range),
      text: excerptOf(page.doc, location.range),
    };
  }

  #isHere(note) {
    const location = this.#view.lastLocation;
    const index = this.#highlights.indexOf(note);
    const page = this.#pages.shown().find((shown) => shown.index === index);
    if (!location || !page) return false;
    if (!location.range || !location.range.startContainer.isConnected) return page.index === index;
    const place = this.#highlights.placeOf(note, page.doc);
    return Boolean(place) && location.range.isPointInRange(place.startContainer, place.startOffset);
  }

  /* Opens the place of a note; false where it is not in the book any more. */
  async #goTo(note) {
    const index = this.#highlights.indexOf(note);
    if (index < 0) return false;
    let isFound = true;
    const anchor = (doc) => {
      const places = this.#highlights;
      const range = note.kind === "bookmark" ? places.placeOf(note, doc) : places.rangeOf(note, doc);
      isFound = Boolean(range);
      return range || 0;
    };
    await this.#navigator.jumpBy(() => this.#view.renderer.goTo({ index, anchor }));
    return isFound;
  }
}

function excerptOf(doc, range) {
  const page = readPage(doc);
  const [start, end] = range ? page.offsets(range) : [0, page.text.length];
  return tidy(page.text.slice(start, Math.min(end, start + 2 * EXCERPT)).replace(/\n+/g, " ")).slice(
    0,
    EXCERPT
  );
}
