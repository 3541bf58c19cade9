/* Tables and formulas that are wider than the page: cells are narrowed, formulas broken into lines, and letters made
   smaller. A text that is scrolled has tables that are scrolled sideways; pages have not: foliate-js counts what is
   outside of the page as further pages. */

const SMALL = 0.5, // times the size of letters, below which a table is scrolled where it can be
  SMALLEST = 0.2,
  ATTEMPTS = 5, // since what is between the letters does not become smaller
  ROUNDING = 1; // pixels
const laidOut = new WeakMap(); // for which width and size of text each page was looked at

/* Changes a page that is laid out, and again where it has another width or size of text than before. */
export function fitWideBoxes(doc) {
  const { columnWidth, fontSize } = getComputedStyle(doc.documentElement);
  const isVertical = /^vertical/.test(getComputedStyle(doc.body).writingMode);
  const side = isVertical ? "height" : "width";
  const width = parseFloat(columnWidth) || doc.body.getBoundingClientRect()[side];
  const layout = [side, Math.round(width), fontSize, columnWidth].join(" ");
  if (laidOut.get(doc) === layout) return;
  const isFirst = !laidOut.has(doc);
  laidOut.set(doc, layout);
  for (const box of doc.querySelectorAll("table, math")) {
    if (box.parentElement.closest("table, math")) continue;
    if (!isFirst) restore(box);
    new WideBox(box, width, side).fit(columnWidth === "auto");
  }
}

function restore(box) {
  box.style.removeProperty("font-size");
  for (const name of ["data-narrow", "data-scrolled"]) box.removeAttribute(name);
}

class WideBox {
  #box;
  #side;
  #room;

  constructor(box, page, side) {
    this.#box = box;
    this.#side = side;
    this.#room = Math.min(page, box.parentElement.getBoundingClientRect()[side] || page) + ROUNDING;
  }

  fit(canScroll) {
    if (this.#size <= this.#room) return;
    const isTable = this.#box.localName === "table";
    this.#box.setAttribute("data-narrow", "");
    this.#shrink(isTable && canScroll ? SMALL : SMALLEST);
    if (isTable && canScroll && this.#size > this.#room) this.#box.setAttribute("data-scrolled", "");
  }

  #shrink(smallest) {
    const letters = parseFloat(getComputedStyle(this.#box).fontSize);
    let factor = 1;
    for (let attempt = 0; attempt < ATTEMPTS && this.#size > this.#room && factor > smallest; attempt++) {
      factor = Math.max(smallest, (0.98 * factor * this.#room) / this.#size);
      this.#box.style.setProperty("font-size", `${letters * factor}px`, "important");
    }
  }

  /* That of the box on one page, or of the widest of the parts that are over its edges. */
  get #size() {
    const parts = this.#box.localName === "math" ? this.#box.querySelectorAll("*") : [];
    const sizes = [this.#box, ...parts].map((part) =>
      Math.max(0, ...[...part.getClientRects()].map((rectangle) => rectangle[this.#side]))
    );
    return Math.max(...sizes);
  }
}
