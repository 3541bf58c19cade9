/* Keeps where one is in a book, by CFI, and shows it. */

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

export async function goToSection(view, { section, part }) {
  if (section && section <= view.book.sections.length)
    await view.renderer.goTo({ index: section - 1, anchor: part || 0 });
}

export function connectPlace(view) {
  view.addEventListener("relocate", ({ detail }) => notePlace(detail));
  // a text that is scrolled reports its place when it has stood for a while: not when it is left before that
  const report = () => {
    if (view.renderer && view.renderer.scrolled) view.renderer.reportPlace();
  };
  addEventListener("pagehide", report);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") report();
  });
}

function notePlace(detail) {
  const chapter = labelOf(detail.tocItem),
    share = detail.fraction || 0;
  const percent = `${Math.round(share * 100)}%`;
  showWhere(chapter, percent);
  if (!window.tianyuan) return;
  window.tianyuan.note(data.place, {
    url: location.pathname,
    title: data.title,
    cover: data.cover,
    kind: "book",
    cfi: detail.cfi,
    label: chapter || percent,
    share,
  });
}

/* Of a long name of a chapter the end is left out, not the share of the book. */
function showWhere(chapter, percent) {
  const name = document.createElement("span");
  name.textContent = chapter;
  where.replaceChildren(name, chapter ? ` · ${percent}` : percent);
}

/* What the contents call a section, or a range in it; its number where they do not name it. */
export function sectionLabel(view, index, range) {
  return labelOf(view.getProgressOf(index, range).tocItem) || data.part.replace("#", index + 1);
}

export function labelOf(item) {
  return item && item.label ? item.label.trim() : "";
}
