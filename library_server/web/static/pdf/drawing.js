/* Draws the pages that are near, one at a time, those that are seen first; what was scrolled past is left out. */

const SETTLED = 90; // milliseconds without scrolling before pages are drawn
const LARGE_MEMORY = 4; // gigabytes
const PIXELS = [5 << 20, 14 << 20]; // of a canvas, on phones with little memory and elsewhere

export class Drawing {
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
    if (this.#drawing && !this.#viewer.sheets.has(this.#drawing.number)) this.#drawing.cancel();
    const rest = this.#moved + SETTLED - Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), Math.max(0, rest));
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let sheet = this.#next(); sheet; sheet = this.#next()) await this.#draw(sheet);
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
    const waiting = [...this.#viewer.sheets.values()].filter((sheet) => !sheet.isBroken);
    waiting.sort((one, other) => distance(one) - distance(other));
    return waiting.find((sheet) => !sheet.isDrawn || !sheet.hasLayers);
  }

  async #draw(sheet) {
    this.#drawing = sheet;
    try {
      const page = await this.#book.getPage(sheet.number);
      const { width, height } = page.getViewport({ scale: 1 });
      this.#viewer.correctSize(sheet.number, width, height);
      if (!this.#isNear(sheet)) return;
      if (!sheet.isDrawn && !(await sheet.draw(page, this.pixels))) return;
      if (this.#isNear(sheet) && !sheet.hasLayers) await this.#addLayers(sheet, page);
      if (!this.#isNear(sheet)) page.cleanup();
    } catch (error) {
      console.error(error);
      sheet.showFailure(() => this.request());
      this.#viewer.update(); // a reader waits for the first page to be seen or broken
    } finally {
      this.#drawing = null;
    }
  }

  #isNear(sheet) {
    return this.#viewer.sheets.get(sheet.number) === sheet;
  }
}
