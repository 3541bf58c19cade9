/* Draws the pages that are near, one at a time, those that are seen first; what was scrolled past is left out. */

const SETTLED = 90; // milliseconds without scrolling before pages are drawn
const LARGE_MEMORY = 4; // gigabytes
const PIXELS = [5 << 20, 14 << 20]; // of a canvas, on phones with little memory and elsewhere

export class RenderingQueue {
  #viewer;
  #book = null;
  #addLayers;
  #isRunning = false;
  #drawing = null;
  #moved = 0;
  #timer = 0;

  /* `addLayers` puts text and links over a page that is drawn. */
  constructor(viewer, addLayers) {
    this.#viewer = viewer;
    this.#addLayers = addLayers;
    const isSmall = !(navigator.deviceMemory > LARGE_MEMORY) && matchMedia("(pointer: coarse)").matches;
    this.pixels = PIXELS[isSmall ? 0 : 1];
    viewer.on("near", () => this.request());
    viewer.main.addEventListener("scroll", () => (this.#moved = Date.now()), { passive: true });
  }

  start(book) {
    this.#book = book;
    this.request();
  }

  request() {
    if (!this.#book) return;
    if (this.#drawing && !this.#viewer.pageViews.has(this.#drawing.number)) this.#drawing.cancel();
    const rest = this.#moved + SETTLED - Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), Math.max(0, rest));
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let pageView = this.#next(); pageView; pageView = this.#next()) await this.#draw(pageView);
    } finally {
      this.#isRunning = false;
    }
  }

  #next() {
    const { first, last } = this.#viewer.seen();
    const distance = ({ number }) => {
      if (number === this.#viewer.page) return 0;
      if (number >= first && number <= last) return 1;
      return number > last ? 2 : 3; // the page after before the page before
    };
    const waiting = [...this.#viewer.pageViews.values()].filter((pageView) => !pageView.isBroken);
    waiting.sort((a, b) => distance(a) - distance(b));
    const isSeen = ({ number }) => number >= first && number <= last;
    return (
      waiting.find((pageView) => !pageView.isDrawn || !pageView.hasLayers) ||
      waiting.find((pageView) => isSeen(pageView) && this.#needsDetail(pageView))
    );
  }

  async #draw(pageView) {
    this.#drawing = pageView;
    try {
      const page = await this.#book.getPage(pageView.number);
      const { width, height } = page.getViewport({ scale: 1 });
      this.#viewer.correctSize(pageView.number, width, height);
      if (!this.#isNear(pageView)) return;
      if (!pageView.isDrawn && !(await pageView.draw(page, this.pixels))) return;
      if (this.#isNear(pageView) && !pageView.hasLayers) await this.#addLayers(pageView, page);
      else if (this.#needsDetail(pageView))
        await pageView.drawDetail(page, this.#viewer.seenPart(pageView.number), this.pixels);
      if (!this.#isNear(pageView)) page.cleanup();
    } catch (error) {
      console.error(error);
      pageView.showFailure(() => this.request());
      this.#viewer.update(); // a reader waits for the first page to be seen or broken
    } finally {
      this.#drawing = null;
    }
  }

  #needsDetail(pageView) {
    return pageView.needsDetail(this.#viewer.seenPart(pageView.number));
  }

  #isNear(pageView) {
    return this.#viewer.pageViews.get(pageView.number) === pageView;
  }
}
