/* Bookmarks, highlights and notes of all books, in this browser only: `{ record: [note] }` in the local storage.

   A note is `{ kind: "bookmark" | "highlight", when, title, label, text, note, colour }` with its place: `cfi` in a book
   that flows, `page` (from 1) in a PDF, or `chapter`. `when` (milliseconds) identifies it in its book; `title` is that of
   the book, `label` names the place, `text` is what stands there. */

import { isObject } from "../frame/kept.js";

const KEY = "tianyuan.notes",
  DAMAGED = "tianyuan.notes.damaged.", // and when it was put aside
  TRIAL = "tianyuan.notes.trial";
export const LONGEST_TEXT = 2000, // characters
  LONGEST_NOTE = 5000;
export const COLOURS = ["yellow", "green", "blue", "red"];
const LAST_DAY = 8.64e15; // milliseconds (ECMA-262, 21.4.1.1)
const TEXTS = ["kind", "cfi", "label", "text", "note", "title"],
  ORDINALS = ["page", "chapter"];

const unsaved = new Map(); // by record, the notes that were not kept by `when`; null for one that was deleted
const listeners = [];
let state = "kept",
  isBlocked = false;

/* Whether all is kept: "kept", "full" where there is no room, "refused" where the browser keeps nothing, or "damaged"
   where what was kept before cannot be read and was put aside. */
export function storageState() {
  return state;
}

export function onNotes(listener) {
  listeners.push(listener);
}

/* The notes of all books: `{ record: [note] }`. */
export function allNotes() {
  const notes = {};
  for (const [record, list] of Object.entries(withUnsaved(read()))) {
    const valid = list.filter(isNote).map(validNote);
    if (valid.length) notes[record] = valid;
  }
  return notes;
}

export function notesOf(record) {
  return allNotes()[record] || [];
}

/* Adds a note, or replaces the one with its `when`; returns it as it is now. */
export function keepNote(record, note) {
  const taken = new Set(notesOf(record).map(({ when }) => when));
  let when = note.when || Date.now();
  while (!note.when && taken.has(when)) when++;
  const kept = { ...note, when };
  if (kept.text) kept.text = kept.text.slice(0, LONGEST_TEXT);
  if (kept.note) kept.note = kept.note.slice(0, LONGEST_NOTE);
  change(record, when, kept);
  return kept;
}

/* Changes parts of a note; the others stay as they are kept, where another tab has changed them meanwhile. */
export function changeNote(record, note, parts) {
  const kept = notesOf(record).find(({ when }) => when === note.when);
  return keepNote(record, { ...note, ...kept, ...parts });
}

export function deleteNote(record, when) {
  change(record, when, null);
}

function change(record, when, note) {
  if (!unsaved.has(record)) unsaved.set(record, new Map());
  unsaved.get(record).set(when, note);
  save();
  listeners.forEach((listener) => listener());
}

/* Other tabs may have changed what is kept since: it is read again before each change. */
function save() {
  try {
    const notes = withUnsaved(read());
    if (isBlocked) throw new Error("damaged notes are in the way");
    localStorage.setItem(KEY, JSON.stringify(notes));
    unsaved.clear();
    if (state !== "damaged") state = "kept";
  } catch (error) {
    console.warn(error);
    state = keepsAnything() ? "full" : "refused";
  }
}

function keepsAnything() {
  try {
    localStorage.setItem(TRIAL, "1");
    localStorage.removeItem(TRIAL);
    return true;
  } catch {
    return false;
  }
}

function read() {
  let text = null;
  try {
    text = localStorage.getItem(KEY);
    const notes = JSON.parse(text || "{}");
    if (isObject(notes) && Object.values(notes).every(Array.isArray)) return notes;
    throw new Error("no notes");
  } catch (error) {
    console.warn(error);
    if (text) putAside(text);
    return {};
  }
}

function putAside(text) {
  state = "damaged";
  try {
    localStorage.setItem(DAMAGED + Date.now(), text);
    localStorage.removeItem(KEY);
  } catch (error) {
    console.warn(error); // it stays where it is, and nothing is written over it
    isBlocked = true;
  }
}

function withUnsaved(kept) {
  const notes = { ...kept };
  for (const [record, changes] of unsaved) {
    const list = (notes[record] || []).filter((note) => !isNote(note) || !changes.has(note.when));
    notes[record] = list.concat([...changes.values()].filter(Boolean));
    if (!notes[record].length) delete notes[record];
  }
  return notes;
}

function isNote(note) {
  return isObject(note) && Math.abs(note.when) <= LAST_DAY && typeof note.when === "number";
}

/* What is kept may be of another version, or be damaged: a part of a note that is not of its kind is left out. */
function validNote(note) {
  const valid = { ...note };
  for (const name of TEXTS) if (typeof valid[name] !== "string") delete valid[name];
  for (const name of ORDINALS) if (!(Number.isInteger(valid[name]) && valid[name] > 0)) delete valid[name];
  if (!COLOURS.includes(valid.colour)) delete valid.colour;
  return valid;
}

window.addEventListener("storage", ({ key }) => {
  if (key === KEY || key === null) listeners.forEach((listener) => listener());
});
