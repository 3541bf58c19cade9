/* The text over a page, which is selected, read aloud and marked, though it is not seen. */

const SPACES = /\s+/g;
const LARGER = 3;

/* Puts the text over a page; resolves when it is there. */
export async function addTextLayer({ TextLayer }, pageView, page) {
  const viewport = page.getViewport({ scale: pageView.scale });
  const container = document.createElement("div");
  container.className = "text-layer";
  // marked contents would nest spans, and normalizing would move hits away from their letters
  const source = page.streamTextContent({ includeMarkedContent: false, disableNormalization: true });
  const layer = new TextLayer({ textContentSource: source, container, viewport });
  // laid out larger and made smaller again, as pdf.js does itself where letters have a least size, since letters of a
  // few pixels are counted as too small to read, though the ones that are seen are those of the page
  const least = Number(container.style.getPropertyValue("--min-font-size")) || 1;
  container.style.setProperty("--min-font-size", least * LARGER);
  // in the directions of the page before it is turned, in which `left` and `top` are stated
  const { pageWidth, pageHeight } = viewport.rawDims;
  container.style.width = `calc(var(--total-scale-factor) * ${pageWidth}px)`;
  container.style.height = `calc(var(--total-scale-factor) * ${pageHeight}px)`;
  pageView.addLayer(container, () => layer.cancel());
  await layer.render();
  const end = document.createElement("div"); // below which a selection by mouse does not jump to the end of the page
  end.className = "text-end";
  container.append(end);
  pageView.text = new PageText(layer.textDivs);
}

/* The text of a page in the form in which it is searched, and marks in it. */
class PageText {
  #spans;
  #places = []; // for each character of `folded`: [span, offset]
  #marks = [];
  folded = "";

  constructor(spans) {
    this.#spans = spans;
    const parts = [];
    spans.forEach((span, index) => {
      const text = span.textContent;
      for (let at = 0; at < text.length; at++)
        for (const character of fold(text[at])) {
          parts.push(character);
          this.#places.push([index, at]);
        }
    });
    this.folded = parts.join("");
  }

  /* Marks all places of some texts; returns how many there are, and the elements of each. */
  mark(texts) {
    this.unmark();
    const ranges = [];
    for (const text of new Set(texts.map(fold))) {
      // two ways of writing a word may have one form
      for (let at = text ? this.folded.indexOf(text) : -1; at >= 0;) {
        ranges.push([at, at + text.length]);
        at = this.folded.indexOf(text, at + text.length);
      }
    }
    ranges.sort((a, b) => a[0] - b[0]);
    const wrapped = new Map(); // by span: [from, to, hit]
    ranges.forEach(([start, end], hit) => {
      for (let at = start; at < end;) {
        const [span, from] = this.#places[at];
        let to = from;
        while (at < end && this.#places[at][0] === span) to = this.#places[at++][1] + 1;
        if (!wrapped.has(span)) wrapped.set(span, []);
        wrapped.get(span).push([from, to, hit]);
      }
    });
    const hits = ranges.map(() => []);
    for (const [index, pieces] of wrapped) this.#wrap(this.#spans[index], pieces, hits);
    return hits;
  }

  #wrap(span, pieces, hits) {
    const text = span.textContent;
    span.textContent = "";
    let done = 0;
    for (const [from, to, hit] of pieces) {
      if (from < done) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(from, to);
      span.append(text.slice(done, from), mark);
      hits[hit].push(mark);
      done = to;
    }
    span.append(text.slice(done));
    this.#marks.push(span);
  }

  unmark() {
    for (const span of this.#marks) span.textContent = String(span.textContent); // without the marks in it
    this.#marks = [];
  }
}

/* Without spaces, which lines and justified text have in them, and with one form of each letter. */
export function fold(text) {
  return text.normalize("NFKC").toLowerCase().replace(SPACES, "");
}
