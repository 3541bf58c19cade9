/* The text of a page of a book, and where each character of it stands: without the readings of ruby, and with a line
   feed between blocks, which are no part of one sentence. */

const LEFT_OUT = new Set(["script", "style", "template", "noscript", "head", "rt", "rp", "rtc", "math"]);
const BLOCKS = new Set(
  (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
  ).split(" ")
);

const read = new WeakMap(); // the text of each page that was read; nothing changes the words of a page that is open

export function readPage(page) {
  if (!read.has(page)) read.set(page, new PageText(page.body || page.documentElement));
  return read.get(page);
}

class PageText {
  text = "";
  #nodes = [];
  #starts = []; // where each node begins in the text

  constructor(root) {
    const parts = [];
    let length = 0;
    const add = (part) => {
      parts.push(part);
      length += part.length;
    };
    const visit = (element) => {
      const name = element.localName.toLowerCase();
      if (LEFT_OUT.has(name)) return;
      if (name === "br") add(" ");
      const isBlock = BLOCKS.has(name);
      if (isBlock) add("\n");
      for (let node = element.firstChild; node; node = node.nextSibling) {
        if (node.nodeType === Node.ELEMENT_NODE) visit(node);
        else if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE) {
          this.#nodes.push(node);
          this.#starts.push(length);
          add(node.nodeValue.replace(/[\n\r\t\f]/g, " "));
        }
      }
      if (isBlock) add("\n");
    };
    visit(root);
    this.text = parts.join("");
  }

  /* A range over the characters from `start` to before `end`; null where there is no text. */
  range(start, end) {
    if (!this.#nodes.length) return null;
    const range = this.#nodes[0].ownerDocument.createRange();
    range.setStart(...this.#place(start, false));
    range.setEnd(...this.#place(end, true));
    return range;
  }

  /* The node and the offset in it of a character; at the border of two nodes, the end of the first for an end. */
  #place(offset, isEnd) {
    let low = 0,
      high = this.#nodes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (isEnd ? this.#starts[middle] < offset : this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    const inNode = offset - this.#starts[low];
    const { length } = this.#nodes[low].nodeValue;
    if (!isEnd && inNode >= length && low + 1 < this.#nodes.length) return [this.#nodes[low + 1], 0];
    return [this.#nodes[low], Math.max(0, Math.min(length, inNode))];
  }

  /* The offset in the text of a point of the page, such as the start of a range. */
  offset(container, inContainer) {
    const point = container.ownerDocument.createRange();
    point.setStart(container, inContainer);
    let low = 0,
      high = this.#nodes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#nodes[middle], point)) low = middle + 1;
      else high = middle;
    }
    if (this.#nodes[low] === container) return this.#starts[low] + inContainer;
    return low < this.#nodes.length ? this.#starts[low] : this.text.length;
  }

  /* The offsets `[start, end]` of a range. */
  offsets(range) {
    return [
      this.offset(range.startContainer, range.startOffset),
      this.offset(range.endContainer, range.endOffset),
    ];
  }
}

/* Whether all of a text node stands before a point. */
function isBefore(node, point) {
  if (node === point.startContainer) return false;
  return point.comparePoint(node, 0) < 0;
}

/* The text of a range without readings of ruby and with single spaces, as people quote it. */
export function quote(range) {
  const page = readPage(range.startContainer.ownerDocument);
  const [start, end] = page.offsets(range);
  return tidy(page.text.slice(start, end));
}

export function tidy(text) {
  return text
    .replace(/[\u00ad\u200b\ufeff]/g, "")
    .replace(/[ \u00a0\u3000]+/g, " ")
    .replace(/ *\n[\n ]*/g, "\n")
    .trim();
}
