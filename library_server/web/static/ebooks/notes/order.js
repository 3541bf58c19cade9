/* The order of places in a book. */
import { compare as compareCfi, parse } from "foliate-js/epubcfi.js";

/* Compares two notes by their place, whatever kind of place it is; those whose place cannot be read by their time. */
export function compareNotes(one, other) {
  return comparePlaces(one, other) || one.when - other.when;
}

function comparePlaces(one, other) {
  if (one.cfi && other.cfi) return compareByCfi(one.cfi, other.cfi);
  for (const kind of ["page", "chapter"])
    if (Number.isFinite(one[kind]) && Number.isFinite(other[kind])) return one[kind] - other[kind];
  return 0;
}

function compareByCfi(one, other) {
  try {
    return compareCfi(parsed(one), parsed(other));
  } catch {
    return 0; // one of them is none
  }
}

const parsedCfis = new Map(); // each is read once: thousands of notes are compared with many others

function parsed(cfi) {
  if (!parsedCfis.has(cfi)) parsedCfis.set(cfi, parse(cfi));
  return parsedCfis.get(cfi);
}
