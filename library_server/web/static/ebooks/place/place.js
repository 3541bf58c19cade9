/* Keeps where one is in a book, by CFI, and shows it. */
import { isNotFetched } from "../ranges.js";

const data = document.body.dataset;
const where = document.getElementById("where");

/* The CFI at which the book was left, or undefined. */
export function keptPlace() {
  const place = window.tianyuan && window.tianyuan.placeOf(data.place);
  return place ? place.cfi : undefined;
}

/* The place of a reader who comes from the text version: a file of the book, from 1, and how much of it was read. */
export function keptSection() {
  return (window.tianyuan && window.tianyuan.placeOf(data.place)) || {};
}

/* A place that is not in its chapter any more, as in another edition of the book, is the beginning of the chapter. */
function forgiveLostPlaces(view) {
  const resolve = view.resolveNavigation.bind(view);
  view.resolveNavigation = (target) => {
    const resolved = resolve(target);
    if (!resolved || typeof resolved.anchor !== "function") return resolved;
    const anchor = (doc) => {
      try {
        return resolved.anchor(doc);
      } catch (error) {
        console.warn(error);
        return 0;
      }
    };
    return Object.assign({}, resolved, { anchor });
  };
}

/* Opens the book where it was left, or else at a section of it, or at its beginning. */
export async function openAtPlace(view, place, { section, part }) {
  forgiveLostPlaces(view);
  try {
    if (place) await view.init({ lastLocation: place });
    else if (section && section <= view.book.sections.length)
      await view.renderer.goTo({ index: section - 1, anchor: part || 0 });
  } catch (error) {
    if (isNotFetched(error)) throw error;
    console.warn(error); // a place that is none
  }
  if (!view.lastLocation) await view.init({ showTextStart: true }); // also where that place is not in the book any more
}

/* Shows each place, and keeps it once the function that is returned was called: while a book opens, foliate-js tells the
   beginning of the chapter before the place in it. */
export function connectPlace(view) {
  let isOpened = false,
    kept = "";
  const note = (detail) => {
    showWhere(detail);
    if (!isOpened || detail.cfi === kept) return;
    kept = detail.cfi;
    keepPlace(detail);
  };
  view.addEventListener("relocate", ({ detail }) => note(detail));
  // a text that is scrolled reports its place when it has stood for a while: not when it is left before that
  const report = () => {
    if (view.renderer && view.renderer.scrolled) view.renderer.reportPlace();
  };
  addEventListener("pagehide", report);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") report();
  });
  return () => {
    isOpened = true;
    if (view.lastLocation) note(view.lastLocation);
  };
}

function keepPlace(detail) {
  if (!window.tianyuan) return;
  window.tianyuan.note(data.place, {
    url: location.pathname,
    title: data.title,
    cover: data.cover,
    kind: "book",
    cfi: detail.cfi,
    label: labelOf(detail.tocItem) || percentOf(detail),
    share: detail.fraction || 0,
  });
}

/* Of a long name of a chapter the end is left out, not the share of the book. */
function showWhere(detail) {
  const chapter = labelOf(detail.tocItem),
    percent = percentOf(detail);
  const name = document.createElement("span");
  name.textContent = chapter;
  where.replaceChildren(name, chapter ? ` · ${percent}` : percent);
  fitName(name, chapter);
}

/* The ellipsis of a style leaves the rest of a character empty, before what follows. */
function fitName(name, text) {
  const { clientWidth, scrollWidth } = name;
  let length = Math.ceil((text.length * clientWidth) / (scrollWidth || 1));
  while (name.scrollWidth > name.clientWidth && length > 0) name.textContent = `${text.slice(0, --length)}…`;
  if (name.textContent !== text) name.title = text;
}

function percentOf({ fraction }) {
  return `${Math.round((fraction || 0) * 100)}%`;
}

/* What the contents call a section, or a range in it; its number where they do not name it. */
export function sectionLabel(view, index, range) {
  return labelOf(view.getProgressOf(index, range).tocItem) || data.part.replace("#", index + 1);
}

export function labelOf(item) {
  return item && item.label ? item.label.trim() : "";
}
