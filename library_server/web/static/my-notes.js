/* The page 我的: bookmarks, highlights and notes of all books that are kept in this browser. */
import { connectExport } from "./ebooks/notes/export.js";
import { LazyList } from "./ebooks/notes/lazy-list.js";
import { compareNotes } from "./ebooks/notes/order.js";
import { rowOf } from "./ebooks/notes/row.js";
import { allNotes, deleteNote, keepNote, onNotes, storageState } from "./ebooks/notes/store.js";

const section = document.getElementById("my-notes");
const messages = section.dataset;
const deleted = new Map(); // notes that were deleted while the page was open: [record, note] by record and time

/* Books as `{ record, title, notes }`, the one that was noted last first. */
function books() {
  const newest = ({ notes }) => Math.max(...notes.map(({ when }) => when));
  return Object.entries(allNotes())
    .map(([record, notes]) => ({ record, title: titleOf(notes), notes: notes.slice().sort(compareNotes) }))
    .sort((one, other) => newest(other) - newest(one));
}

function titleOf(notes) {
  const named = notes.find(({ title }) => title);
  return named ? named.title : messages.untitled;
}

function show() {
  const shelf = section.querySelector(".books");
  const drawn = new Map(); // rows by the record of each book that is open
  for (const entry of shelf.querySelectorAll("details[open]"))
    drawn.set(entry.dataset.record, entry.querySelector(".notes").childElementCount);
  const listed = withDeleted(books());
  shelf.textContent = "";
  for (const book of listed)
    shelf.append(entryOf(book, drawn.get(book.record) || (listed.length === 1 ? 1 : 0)));
  const trouble = section.querySelector("[role=alert]");
  trouble.hidden = storageState() === "kept";
  trouble.textContent = trouble.hidden ? "" : messages[storageState()];
  section.hidden = !listed.length && trouble.hidden;
}

function withDeleted(kept) {
  const byRecord = new Map(kept.map((book) => [book.record, book]));
  for (const [record, note] of deleted.values()) {
    const book = byRecord.get(record) || { record, title: note.title || messages.untitled, notes: [] };
    byRecord.set(record, { ...book, notes: book.notes.concat(note).sort(compareNotes) });
  }
  return [...byRecord.values()];
}

/* `drawn` rows are there at once; the entry is closed where it is 0. */
function entryOf({ record, title, notes }, drawn) {
  const entry = document.createElement("details");
  entry.dataset.record = record;
  entry.open = drawn > 0;
  const summary = document.createElement("summary");
  const count = document.createElement("span");
  count.className = "stone small";
  count.textContent = ` · ${messages.count.replace("#", notes.length)}`;
  summary.append(title, count);
  const list = document.createElement("ol");
  list.className = "notes";
  entry.append(summary, list);
  const rows = new LazyList(list, (note) => row(record, note));
  const fill = () => {
    if (entry.open && !list.firstChild) rows.show(notes, drawn - 1);
  };
  entry.ontoggle = fill;
  fill();
  return entry;
}

function row(record, note) {
  const key = `${record} ${note.when}`;
  const address = `/read/${encodeURIComponent(record)}${note.chapter ? "?text=1" : ""}#note=${note.when}`;
  return rowOf(note, section, deleted.has(key), {
    open: () => location.assign(address),
    remove: () => {
      deleted.set(key, [record, note]);
      deleteNote(record, note.when);
      focus(note, "restore");
    },
    restore: () => {
      deleted.delete(key);
      keepNote(record, note);
      focus(note, "open");
    },
  });
}

function focus({ when }, action) {
  const button = section.querySelector(`[data-when="${when}"] [data-do=${action}]`);
  if (button) button.focus();
}

connectExport(section, {
  books,
  names: messages,
  file: messages.file,
  copied: (isCopied) => {
    section.querySelector("[role=status]").textContent = messages[isCopied ? "copied" : "notCopied"];
  },
});
onNotes(show);
show();
