/* The picture of a page: all of it, and where that cannot be sharp, of the part that is seen a second one over it.
   Canvases are limited in pixels, and in the pixels of a side. */

const SIDE = 8192; // pixels: longer canvases stay empty on some phones
const SHARPEST = 3; // pixels of the screen for one of CSS that are drawn at most
const AROUND = 0.2; // of the window, drawn on each side of the part that is seen
const ENOUGH = 0.9; // of the pixels that the screen has

export class PageCanvas {
  #canvas = null;
  #detail = null; // {area, canvas}
  #task = null;
  #scale = 0;
  #ratio = 0; // pixels of the canvas for one of CSS

  constructor() {
    this.element = document.createElement("div");
    this.element.className = "page-canvases";
    this.element.setAttribute("aria-hidden", "true");
  }

  get isEmpty() {
    return this.#canvas === null;
  }

  isDrawnAt(scale) {
    return this.#canvas !== null && this.#scale === scale;
  }

  /* Draws all of the page, `width` by `height` pixels of CSS, with at most so many pixels; false where the drawing was
     cancelled. */
  async draw(page, { scale, width, height }, pixels) {
    const ratio = Math.min(screenRatio(), Math.sqrt(pixels / (width * height)), SIDE / width, SIDE / height);
    const viewport = page.getViewport({ scale: scale * ratio });
    const canvas = newCanvas(viewport.width, viewport.height);
    if (!(await this.#render(page, canvas, { viewport }))) return false;
    this.forgetDetail();
    if (this.#canvas) release(this.#canvas);
    this.#canvas = canvas;
    this.#scale = scale;
    this.#ratio = ratio;
    this.element.append(canvas);
    return true;
  }

  /* Whether an area that is seen, `{left, top, width, height}` in pixels of CSS, should be drawn by itself. */
  needsDetail(seen) {
    if (!this.#canvas || seen.width <= 0 || seen.height <= 0 || this.#ratio >= ENOUGH * screenRatio())
      return false;
    return !this.#detail || !contains(this.#detail.area, seen);
  }

  /* Draws the area that is seen, with at most so many pixels; `height` and `width` are those of the page. */
  async drawDetail(page, { scale, width, height }, seen, pixels) {
    const area = enlarge(seen, width, height);
    const ratio = Math.min(
      screenRatio(),
      Math.sqrt(pixels / (area.width * area.height)),
      SIDE / area.width,
      SIDE / area.height
    );
    const canvas = newCanvas(area.width * ratio, area.height * ratio);
    canvas.className = "page-detail";
    for (const side of ["left", "top", "width", "height"]) canvas.style[side] = `${area[side]}px`;
    const viewport = page.getViewport({ scale });
    const transform = [ratio, 0, 0, ratio, -area.left * ratio, -area.top * ratio];
    if (!(await this.#render(page, canvas, { viewport, transform }))) return;
    if (this.#scale !== scale) {
      release(canvas); // the page has been enlarged meanwhile
      return;
    }
    this.forgetDetail();
    this.#detail = { area, canvas };
    this.element.append(canvas);
  }

  /* Takes away the part that was drawn by itself. */
  forgetDetail() {
    if (this.#detail) release(this.#detail.canvas);
    this.#detail = null;
  }

  async #render(page, canvas, options) {
    this.#task = page.render({ canvas, ...options });
    try {
      await this.#task.promise;
      return true;
    } catch (error) {
      release(canvas);
      if (error.name === "RenderingCancelledException") return false;
      throw error;
    } finally {
      this.#task = null;
    }
  }

  cancel() {
    if (this.#task) this.#task.cancel();
  }

  /* Frees the memory: old phones end a page that keeps too many canvases. */
  destroy() {
    this.cancel();
    this.forgetDetail();
    if (this.#canvas) release(this.#canvas);
    this.#canvas = null;
  }
}

function screenRatio() {
  return Math.min(window.devicePixelRatio || 1, SHARPEST);
}

function newCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  canvas.width = Math.max(1, Math.floor(width));
  canvas.height = Math.max(1, Math.floor(height));
  return canvas;
}

function release(canvas) {
  canvas.remove();
  canvas.width = canvas.height = 0;
}

function contains(outer, inner) {
  return (
    outer.left <= inner.left &&
    outer.top <= inner.top &&
    outer.left + outer.width >= inner.left + inner.width &&
    outer.top + outer.height >= inner.top + inner.height
  );
}

/* An area with some of the page around it, in whole pixels. */
function enlarge({ left, top, width, height }, pageWidth, pageHeight) {
  const first = Math.max(0, Math.floor(left - width * AROUND)),
    above = Math.max(0, Math.floor(top - height * AROUND)),
    last = Math.min(pageWidth, Math.ceil(left + width * (1 + AROUND))),
    below = Math.min(pageHeight, Math.ceil(top + height * (1 + AROUND)));
  return { left: first, top: above, width: last - first, height: below - above };
}
