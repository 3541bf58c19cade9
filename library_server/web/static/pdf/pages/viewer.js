/* The window on the pages: which are near, which is read, and where to scroll for a page. */
import { PageLabels } from "../document/page-labels.js";
import { PageView } from "./page-view.js";

const AROUND = 1; // pages kept before and after those that are seen
const ABOVE = 24; // pixels, so that a line that is pointed at is not cut
const READING_LINE = 0.3; // the page at this share of the window is the one that is read

export class Viewer {
  #held = null; // the page that was asked for, as long as nobody scrolls
  #frame = 0;
  #listeners = { place: [], near: [], layout: [] };
  pageViews = new Map();
  labels = new PageLabels();
  page = 1;

  constructor(main, geometry) {
    this.main = main;
    this.geometry = geometry;
    this.area = document.createElement("div");
    this.area.className = "pdf-pages";
    main.append(this.area);
    this.measure();
    main.addEventListener("scroll", () => this.#schedule(), { passive: true });
    addEventListener("resize", () => this.layOut(() => this.measure()));
  }

  /* Calls a listener when the page that is read changes (`place`), the pages near it (`near`) or their sizes
     (`layout`). */
  on(event, listener) {
    this.#listeners[event].push(listener);
  }

  async readLabels(book) {
    await this.labels.read(book);
    if (this.labels.areThere) this.#tell("layout");
  }

  #tell(event) {
    for (const listener of this.#listeners[event]) listener();
  }

  measure() {
    const { clientWidth: width, clientHeight: height } = this.main;
    this.geometry.window = { width: Math.max(width, 1), height: Math.max(height, 1) };
    this.geometry.layOut();
  }

  #schedule() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.update());
  }

  /* Looks anew at what is seen. */
  update() {
    this.#frame = 0;
    const before = this.page;
    this.page = this.#readPage();
    const { first, last } = this.seen();
    const near = new Set();
    for (let page = first - AROUND; page <= last + AROUND; page++)
      if (page >= 1 && page <= this.geometry.pages && (!this.geometry.isPaged || page === this.page))
        near.add(page);
    for (const [page, pageView] of this.pageViews)
      if (!near.has(page)) {
        pageView.destroy();
        this.pageViews.delete(page);
      }
    for (const page of near) if (!this.pageViews.has(page)) this.#add(page);
    if (before !== this.page) this.#tell("place");
    this.#tell("near");
  }

  #add(page) {
    const pageView = new PageView(page);
    this.pageViews.set(page, pageView);
    pageView.place(this.geometry.placeOf(page), this.geometry.scaleOf(page));
    let next = null; // the elements stand in the order of the pages, which is that of reading aloud
    for (const [number, following] of this.pageViews)
      if (number > page && (!next || number < next.number)) next = following;
    this.area.insertBefore(pageView.element, next && next.element);
  }

  /* The first and the last page that is seen. */
  seen() {
    if (this.geometry.isPaged) return { first: this.page, last: this.page };
    const top = this.main.scrollTop;
    return {
      first: this.geometry.pageAt(top),
      last: this.geometry.pageAt(top + this.geometry.window.height - 1),
    };
  }

  /* The part of a page that is seen, in pixels from its corner. */
  seenPart(page) {
    const { scrollLeft, scrollTop } = this.main;
    const { window } = this.geometry;
    const place = this.geometry.placeOf(page);
    const left = Math.max(0, scrollLeft - place.left),
      top = Math.max(0, scrollTop - place.top);
    const width = Math.min(place.width, scrollLeft + window.width - place.left) - left,
      height = Math.min(place.height, scrollTop + window.height - place.top) - top;
    return { left, top, width, height };
  }

  /* Whether the pages are wider than the window. */
  get isWide() {
    return this.main.scrollWidth > this.main.clientWidth + 1;
  }

  /* Whether the pages are higher than the window. */
  get isHigh() {
    return this.main.scrollHeight > this.main.clientHeight + 1;
  }

  /* Whether nothing is left to scroll, up where `direction` is negative, down otherwise. */
  isAtEnd(direction) {
    const { scrollTop, clientHeight, scrollHeight } = this.main;
    return direction < 0 ? scrollTop <= 1 : scrollTop + clientHeight >= scrollHeight - 2;
  }

  #readPage() {
    const { scrollTop } = this.main;
    if (this.geometry.isPaged) return this.page;
    if (this.#held && Math.abs(this.#held.top - scrollTop) < 2) return this.#held.page;
    this.#held = null;
    const { height } = this.geometry.window;
    if (scrollTop > 0 && scrollTop + height >= this.main.scrollHeight - 1) return this.geometry.pages;
    return this.geometry.pageAt(scrollTop + height * READING_LINE);
  }

  /* Goes to a page, and there to a share of its height; so many pixels above it are seen. */
  show(page, share = 0, above = share > 0 ? ABOVE : 0) {
    const number = Math.max(1, Math.min(this.geometry.pages, page));
    const changed = this.geometry.isPaged && number !== this.page;
    if (this.geometry.isPaged) {
      this.page = number;
      this.#sizeArea();
    }
    const place = this.geometry.placeOf(number);
    const top = this.geometry.isPaged && !share ? 0 : place.top + share * place.height - above;
    this.main.scrollTop = Math.max(0, top);
    this.#held = { page: number, top: this.main.scrollTop };
    this.update();
    if (changed) this.#tell("place");
  }

  /* The page and the share of it at a point of the window, given in pixels from its corner. */
  anchor(x = 0, y = 0) {
    const top = this.main.scrollTop + y,
      left = this.main.scrollLeft + x;
    const page = this.geometry.isPaged ? this.page : this.geometry.pageAt(top);
    const place = this.geometry.placeOf(page);
    return { page, x, y, down: (top - place.top) / place.height, across: (left - place.left) / place.width };
  }

  /* Calls `change`, which alters the geometry; the point of the window stays over the same point of its page. */
  layOut(change, x = 0, y = 0) {
    const anchor = this.anchor(x, y);
    const held = this.#held;
    change();
    this.geometry.layOut();
    this.#sizeArea();
    for (const [page, pageView] of this.pageViews)
      pageView.place(this.geometry.placeOf(page), this.geometry.scaleOf(page));
    const place = this.geometry.placeOf(anchor.page);
    this.main.scrollTop = place.top + anchor.down * place.height - anchor.y;
    this.main.scrollLeft = place.left + anchor.across * place.width - anchor.x;
    this.#held = held && { page: held.page, top: this.main.scrollTop };
    this.#tell("layout");
    this.update();
  }

  #sizeArea() {
    const { width, height } = this.geometry.areaOf(this.page);
    this.area.style.width = `${width}px`;
    this.area.style.height = `${height}px`;
  }

  /* Takes in the size of a page, in points, as the file has it. */
  correctSize(page, width, height) {
    const known = this.geometry.sizes[page - 1];
    if (Math.abs(known[0] - width) < 1 && Math.abs(known[1] - height) < 1) return;
    this.layOut(() => (this.geometry.sizes[page - 1] = [width, height]));
  }

  /* Takes the pages as the file has them, where the library knew others. */
  replaceGeometry(geometry) {
    const { fit, wantsPaged, zoom } = this.geometry;
    Object.assign(geometry, { fit, wantsPaged, zoom });
    for (const pageView of this.pageViews.values()) pageView.destroy();
    this.pageViews.clear();
    this.geometry = geometry;
    this.measure();
    this.open(Math.min(this.page, geometry.pages));
    this.#tell("layout");
    this.#tell("place");
  }

  open(page) {
    this.#sizeArea();
    this.page = page;
    this.show(page);
  }
}
