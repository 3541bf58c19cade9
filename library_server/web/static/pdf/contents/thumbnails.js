/* Small pictures of all pages, drawn when they are seen. */
import { data } from "../page-data.js";

const CELL = [106, 160]; // pixels, at least
const PICTURE = [94, 128]; // pixels

export class Thumbnails {
  #book;
  #labels;
  #box;
  #scroller;
  #jump;
  #cells = new Map();
  #isDrawing = false;
  #frame = 0;

  /* `box` is in the element that scrolls; `jump` goes to a page. */
  constructor(book, labels, box, jump) {
    const scroller = box.closest(".panel-body");
    this.#book = book;
    this.#labels = labels;
    this.#box = box;
    this.#scroller = scroller;
    this.#jump = jump;
    scroller.addEventListener("scroll", () => this.#schedule(), { passive: true });
    addEventListener("resize", () => this.#schedule());
  }

  /* Shows the pictures around a page. */
  show(page) {
    this.page = page;
    const { top } = this.#placeOf(page);
    this.#box.style.height = `${this.#placeOf(this.#book.numPages).top + CELL[1]}px`;
    this.#scroller.scrollTop = Math.max(0, this.#offset() + top - CELL[1]);
    this.#update();
  }

  hide() {
    for (const cell of this.#cells.values()) cell.remove();
    this.#cells.clear();
  }

  #offset() {
    const { top } = this.#scroller.getBoundingClientRect();
    return this.#box.getBoundingClientRect().top - top + this.#scroller.scrollTop;
  }

  get #columns() {
    return Math.max(1, Math.floor(this.#box.clientWidth / CELL[0]));
  }

  #placeOf(page) {
    const columns = this.#columns;
    const width = this.#box.clientWidth / columns;
    return { width, left: ((page - 1) % columns) * width, top: Math.floor((page - 1) / columns) * CELL[1] };
  }

  #schedule() {
    if (!this.#frame && this.#box.offsetParent) this.#frame = requestAnimationFrame(() => this.#update());
  }

  #update() {
    this.#frame = 0;
    if (!this.#box.offsetParent) return;
    const top = this.#scroller.scrollTop - this.#offset();
    const columns = this.#columns;
    const first = Math.max(1, (Math.floor(top / CELL[1]) - 1) * columns + 1);
    const rows = Math.ceil(this.#scroller.clientHeight / CELL[1]) + 2;
    const last = Math.min(this.#book.numPages, first + rows * columns - 1);
    for (const [page, cell] of this.#cells)
      if ((page < first || page > last) && cell !== document.activeElement) {
        cell.remove();
        this.#cells.delete(page);
      }
    for (let page = first; page <= last; page++) this.#add(page);
    this.#draw();
  }

  #add(page) {
    const known = this.#cells.get(page);
    const cell = known || document.createElement("button");
    const { left, top, width } = this.#placeOf(page);
    cell.style.transform = `translate(${left}px, ${top}px)`;
    cell.style.width = `${width}px`;
    if (known) return;
    cell.type = "button";
    cell.className = "thumbnail";
    cell.style.height = `${CELL[1] - 8}px`;
    cell.setAttribute("aria-label", data.page.replace("#", page));
    if (page === this.page) cell.setAttribute("aria-current", "page");
    const number = document.createElement("small");
    number.textContent = this.#labels.of(page);
    cell.append(number);
    cell.onclick = () => this.#jump(page);
    this.#cells.set(page, cell);
    const following = [...this.#cells].filter(([number]) => number > page).sort(([a], [b]) => a - b);
    this.#box.insertBefore(cell, following.length ? following[0][1] : null); // the order of the Tab key
  }

  async #draw() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    const isWaiting = ([, cell]) => !cell.firstChild.getContext && !cell.isBroken;
    for (let next; (next = [...this.#cells].sort(([a], [b]) => a - b).find(isWaiting));)
      await this.#drawPage(...next).catch(() => (next[1].isBroken = true));
    this.#isDrawing = false;
  }

  async #drawPage(number, cell) {
    const page = await this.#book.getPage(number);
    if (!cell.isConnected) return;
    const plain = page.getViewport({ scale: 1 });
    const fit = Math.min(PICTURE[0] / plain.width, PICTURE[1] / plain.height);
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const viewport = page.getViewport({ scale: fit * ratio });
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.floor(viewport.width));
    canvas.height = Math.max(1, Math.floor(viewport.height));
    canvas.style.width = `${Math.floor(canvas.width / ratio)}px`;
    await page.render({ canvas, viewport }).promise;
    cell.insertBefore(canvas, cell.firstChild);
  }
}
