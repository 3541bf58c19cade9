/* The panel 笔记 of a reader: marks the page that is shown, lists bookmarks, highlights and notes in the order of the
   book, and lets people change, delete and export them.

   A reader of any form connects it with

     const notes = connectNotes({
       here: () => ({ page: 3, label: "第 3 页" }),     // the place that is shown, with `text` where there is some; or null
       isHere: (note) => note.page === 3,              // whether a note is on the page that is shown
       goTo: async (note) => true,                     // opens the place; false where it is not found
     });

   calls `notes.refresh()` whenever another page is shown, and `notes.openLinked()` once the book is open. A place is `page`, `cfi` or `chapter`, as in `store.js`. */
import { closeCoveringPanel, offerPanel, onPanel, openPanel } from "../frame/panels.js";
import { connectExport } from "./export.js";
import { NoteForm } from "./form.js";
import { LazyList } from "./lazy-list.js";
import { compareNotes } from "./order.js";
import { rowOf } from "./row.js";
import { deleteNote, keepNote, notesOf, onNotes, storageState } from "./store.js";

const panel = document.getElementById("book-notes");
const { place: record, title } = document.body.dataset;

export function connectNotes(reader) {
  const notes = new NotesPanel(reader);
  offerPanel("notes");
  return notes;
}

class NotesPanel {
  #reader;
  #list = panel.querySelector(".notes");
  #rows = new LazyList(this.#list, (note) => this.#rowOf(note));
  #status = panel.querySelector("[data-status=changed]");
  #keepPage = panel.querySelector("[data-do=keep-page]");
  #form = new NoteForm(panel.querySelector("form"), (note) => this.#show(note));
  #deleted = new Map(); // notes that were deleted while the panel was open, by `when`

  constructor(reader) {
    this.#reader = reader;
    this.#keepPage.onclick = () => this.#toggleBookmark();
    connectExport(panel, {
      books: () => [{ title, notes: this.#notes.slice().sort(compareNotes) }],
      names: panel.dataset,
      file: title,
      copied: (isCopied) => this.#say(isCopied ? "copied" : "notCopied"),
    });
    onNotes(() => this.#show());
    onPanel("notes", () => this.#show());
  }

  #say(message) {
    this.#status.textContent = message ? panel.dataset[message] : "";
  }

  get #notes() {
    return notesOf(record);
  }

  /* Shows whether the page that is on the screen has a bookmark. */
  refresh() {
    if (panel.closest("[hidden]")) return;
    const hasBookmark = Boolean(this.#bookmark());
    this.#keepPage.setAttribute("aria-pressed", String(hasBookmark));
    this.#keepPage.textContent = panel.dataset[hasBookmark ? "unkeepPage" : "keepPage"];
  }

  /* Shows the list anew, at least up to the row of `last`. */
  #show(last = null) {
    if (panel.closest("[hidden]")) return;
    const notes = this.#notes;
    const rows = notes.concat([...this.#deleted.values()]).sort(compareNotes);
    this.#rows.show(rows, last ? rows.findIndex(({ when }) => when === last.when) : 0);
    panel.querySelector(".no-notes").hidden = rows.length > 0;
    panel.querySelector(".export").hidden = !notes.length;
    const trouble = panel.querySelector("[role=alert]");
    const state = storageState();
    trouble.hidden = state === "kept";
    trouble.textContent = state === "kept" ? "" : panel.dataset[state];
    this.refresh();
  }

  #rowOf(note) {
    return rowOf(note, panel, this.#deleted.has(note.when), {
      open: () => this.#open(note),
      edit: () => this.edit(note),
      remove: () => this.#delete(note),
      restore: () => this.#restore(note),
    });
  }

  #bookmark() {
    return this.#notes.find((note) => note.kind === "bookmark" && this.#reader.isHere(note));
  }

  #toggleBookmark() {
    const bookmark = this.#bookmark();
    const here = this.#reader.here();
    if (bookmark) this.#delete(bookmark);
    else if (here) keepNote(record, { kind: "bookmark", title, ...here });
    this.#say(bookmark || !here ? "" : "kept");
  }

  async #open(note) {
    closeCoveringPanel();
    if (!(await this.#reader.goTo(note))) {
      openPanel("notes");
      this.#say("lost");
    }
  }

  /* Opens the note that the address of the page names (`#note=` and its `when`), as links of 我的 do. */
  async openLinked() {
    const [, when] = /^#note=(\d+)$/.exec(location.hash) || [];
    // the page that is reloaded stays where it was read to
    if (when) history.replaceState(history.state, "", location.pathname + location.search);
    const note = this.#notes.find((kept) => kept.when === Number(when));
    if (note) await this.#open(note);
  }

  /* Opens the form for the words of a note; of a new one, too, which is kept when the form is sent. */
  edit(note) {
    openPanel("notes");
    this.#say("");
    this.#form.open(note);
  }

  #delete(note) {
    const isWritten = this.#form.isFor(note);
    this.#deleted.set(note.when, (isWritten && this.#form.keepTyped()) || note);
    deleteNote(record, note.when);
    if (isWritten) this.#form.close();
    const undo = this.#list.querySelector(`[data-when="${note.when}"] [data-do=restore]`);
    if (undo) undo.focus();
  }

  #restore(note) {
    this.#deleted.delete(note.when);
    keepNote(record, note);
    const row = this.#list.querySelector(`[data-when="${note.when}"] button`);
    if (row) row.focus();
  }
}
