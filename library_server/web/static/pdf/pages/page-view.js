/* One page on the screen: its place, the picture of it, the text over it. */
import { data } from "../page-data.js";
import { PageCanvas } from "./page-canvas.js";

const EXCERPT = 60; // characters of a page that a bookmark quotes

export class PageView {
  #canvas = new PageCanvas();
  #layers = [];
  isBroken = false;
  hasNoDetail = false;

  constructor(number) {
    this.number = number;
    this.element = document.createElement("section");
    this.element.className = "pdf-page";
    this.element.dataset.page = number;
    this.element.setAttribute("aria-label", data.page.replace("#", number));
    this.note = document.createElement("p");
    this.note.className = "stone";
    this.note.textContent = number;
    this.note.setAttribute("aria-hidden", "true");
    this.element.append(this.#canvas.element, this.note);
  }

  place({ left, top, width, height }, scale) {
    const style = this.element.style;
    style.transform = `translate(${left}px, ${top}px)`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.setProperty("--total-scale-factor", scale);
    style.setProperty("--scale-factor", scale);
    if (scale !== this.scale) this.#canvas.forgetDetail();
    this.width = width;
    this.height = height;
    this.scale = scale;
  }

  /* Shows a picture that the server has of this page until the page is drawn. */
  showPicture(image) {
    if (!this.#canvas.isEmpty) return;
    image.className = "page-picture";
    this.element.append(image);
    this.picture = image;
  }

  get isDrawn() {
    return this.#canvas.isDrawnAt(this.scale);
  }

  /* Draws the page with at most so many pixels; false where the drawing was cancelled. */
  async draw(page, pixels) {
    if (!(await this.#canvas.draw(page, this, pixels))) return false;
    if (this.picture) this.picture.remove();
    this.picture = null;
    this.note.hidden = true;
    this.isBroken = false;
    return true;
  }

  /* Whether the part that is seen, in pixels of the page, is not as sharp as the screen. */
  needsDetail(seen) {
    return this.isDrawn && !this.hasNoDetail && this.#canvas.needsDetail(seen);
  }

  /* Draws that part as sharp as the screen. */
  async drawDetail(page, seen, pixels) {
    try {
      await this.#canvas.drawDetail(page, this, seen, pixels);
    } catch (error) {
      console.error(error); // the page is seen, at least
      this.hasNoDetail = true;
    }
  }

  /* Puts a layer over the page; `end` is called when the page goes. */
  addLayer(element, end = () => {}) {
    this.#layers.push({ element, end });
    this.element.append(element);
  }

  /* The beginning of the text of the page; empty where it has none, or it is not there yet. */
  get excerpt() {
    const layer = this.element.querySelector(".text-layer");
    return layer ? layer.textContent.replace(/\s+/g, " ").trim().slice(0, EXCERPT) : "";
  }

  get hasLayers() {
    return this.#layers.length > 0;
  }

  /* Says that this page cannot be drawn, and offers to try again. */
  showFailure(retry) {
    this.isBroken = true;
    this.note.hidden = false;
    this.note.removeAttribute("aria-hidden");
    this.note.textContent = data.broken.replace("#", this.number);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = data.again;
    button.onclick = () => {
      this.isBroken = false;
      button.remove();
      this.note.textContent = this.number;
      retry();
    };
    this.note.append(document.createElement("br"), button);
  }

  cancel() {
    this.#canvas.cancel();
  }

  /* Frees the memory of the page: old phones end a page that keeps too many canvases. */
  destroy() {
    this.cancel();
    for (const { end } of this.#layers) end();
    this.#canvas.destroy();
    this.element.remove();
  }
}
