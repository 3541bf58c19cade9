/* The pages of a book that are on the screen, and marks over their words. foliate-js has an overlay for flowing text;
   pages of a fixed layout get one here. */
import { Overlayer } from "foliate-js/overlayer.js";

const LEFT_OUT = "rt, rp, script, style";

export function trackPages(view) {
  return new Pages(view);
}

class Pages {
  #view;
  #known = new WeakMap(); // { index, overlayer } by document
  #listeners = [];

  constructor(view) {
    this.#view = view;
    view.addEventListener("load", ({ detail: { doc, index } }) => {
      this.#known.set(doc, { index, overlayer: null });
      if (view.isFixedLayout) this.#whenShown(doc, index);
    });
    // the overlay of a flowing page is attached after this event
    view.addEventListener("create-overlay", ({ detail: { index } }) =>
      Promise.resolve().then(() => {
        const page = this.shown().find((shown) => shown.index === index);
        if (page) this.#listeners.forEach((listener) => listener(page));
      })
    );
  }

  /* Calls with each page, `{ doc, index }`, that comes on the screen. */
  onPage(listener) {
    this.#listeners.push(listener);
    this.shown().forEach(listener);
  }

  /* What is on the screen, in reading order. */
  shown() {
    const contents = this.#view.renderer.getContents().filter(({ doc }) => doc && this.#known.has(doc));
    return contents
      .map(({ doc, overlayer }) => {
        const known = this.#known.get(doc);
        return { doc, index: known.index, overlayer: overlayer || known.overlayer };
      })
      .filter(({ doc }) => isDisplayed(doc))
      .sort((one, other) => one.index - other.index);
  }

  #whenShown(doc, index) {
    const overlayer = new Overlayer(doc);
    this.#known.get(doc).overlayer = overlayer;
    doc.documentElement.append(overlayer.element);
    // the page has its size once the renderer has set it
    setTimeout(() => this.#listeners.forEach((listener) => listener({ doc, index, overlayer })));
  }

  /* Marks the words of a range on a shown page under a key; `paint` gets the boxes of their lines. */
  mark(page, key, range, paint) {
    const { overlayer } = this.shown().find(({ doc }) => doc === page.doc) || page;
    if (overlayer) overlayer.add(key, range, (boxes) => paint(replaceBoxes(boxes, range)));
  }

  unmark(key) {
    for (const { overlayer } of this.shown()) if (overlayer) overlayer.remove(key);
  }

  /* The key of the mark under a point of a page that begins with `prefix`; empty where there is none. */
  keyAt(doc, point, prefix) {
    const { overlayer } = this.shown().find((page) => page.doc === doc) || {};
    const key = overlayer ? overlayer.hitTest(point)[0] : "";
    return key && key.startsWith(prefix) ? key : "";
  }
}

function isDisplayed(doc) {
  const frame = doc.defaultView && doc.defaultView.frameElement;
  return Boolean(frame) && frame.getClientRects().length > 0;
}

/* Turns to the page of a range in what is open, where it is not shown. */
export async function showRange(view, range) {
  const page = range.startContainer.ownerDocument;
  if (!view.renderer.getContents().some(({ doc }) => doc === page)) return;
  const shown = view.lastLocation && view.lastLocation.range;
  const isShown =
    shown &&
    shown.startContainer.ownerDocument === page &&
    shown.isPointInRange(range.startContainer, range.startOffset);
  if (!isShown && view.renderer.scrollToAnchor) await view.renderer.scrollToAnchor(range);
}

/* foliate-js takes the boxes of paragraphs alone where a range has some, so that headings and items of lists are left
   out; and elsewhere those of whole blocks. The boxes of the lines are those of the text nodes. */
function replaceBoxes(boxes, range) {
  boxes.splice(0, boxes.length, ...lineBoxes(range));
  return boxes;
}

export function lineBoxes(range) {
  const boxes = [];
  for (const part of textRanges(range))
    for (const box of part.getClientRects()) if (box.width > 0 && box.height > 0) boxes.push(box);
  return boxes;
}

function textRanges(range) {
  const root = range.commonAncestorContainer;
  const doc = root.ownerDocument;
  const walker = doc.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_CDATA_SECTION);
  const parts = [];
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.ELEMENT_NODE || !range.intersectsNode(node)) continue;
    if (!node.nodeValue.trim() || node.parentNode.closest(LEFT_OUT)) continue;
    const part = doc.createRange();
    part.setStart(node, node === range.startContainer ? range.startOffset : 0);
    part.setEnd(node, node === range.endContainer ? range.endOffset : node.nodeValue.length);
    parts.push(part);
  }
  return parts;
}

/* For pages of a fixed layout, which do not inherit the properties of the reader's page (styles/passages.css). */
const COLOURS = {
  "highlight-yellow": "rgba(242, 178, 5, 0.38)",
  "highlight-green": "rgba(40, 160, 84, 0.3)",
  "highlight-blue": "rgba(45, 125, 205, 0.28)",
  "highlight-red": "rgba(217, 72, 62, 0.26)",
  "highlight-yellow-line": "#8a6400",
  "highlight-green-line": "#1d7a40",
  "highlight-blue-line": "#1c5f9f",
  "highlight-red-line": "#a8322a",
  hit: "rgba(217, 72, 62, 0.2)",
  "open-hit": "rgba(217, 72, 62, 0.42)",
  spoken: "rgba(47, 111, 79, 0.24)",
  picked: "rgba(45, 125, 205, 0.28)",
};
const SVG = "http://www.w3.org/2000/svg";

/* Paints boxes in a colour of the page: filled, with a line on the side of the text's foot where `line` is true. */
export function paintBoxes(boxes, className, { line = false, isVertical = false } = {}) {
  const group = document.createElementNS(SVG, "g");
  group.style.mixBlendMode = "var(--mark-blend, multiply)"; // so that the words under it stay as dark
  for (const { left, top, width, height } of boxes) {
    group.append(rectangle(className, left, top, width, height));
    if (line && isVertical) group.append(rectangle(`${className}-line`, left, top, 2, height));
    else if (line) group.append(rectangle(`${className}-line`, left, top + height - 2, width, 2));
  }
  return group;
}

function rectangle(className, left, top, width, height) {
  const made = document.createElementNS(SVG, "rect");
  const sides = { x: left, y: top, width, height };
  for (const [name, value] of Object.entries(sides)) made.setAttribute(name, value);
  made.style.fill = `var(--${className}, ${COLOURS[className]})`;
  return made;
}
