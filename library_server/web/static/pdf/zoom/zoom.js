/* Enlarges the pages: by two fingers, by the wheel with Ctrl, by a double tap, by buttons. */
import { turningSide } from "../turning/sides.js";

const STEP = 1.25;
const TAP = [300, 12]; // milliseconds and pixels that a finger stays and moves
const DOUBLE_TAP = [300, 30]; // milliseconds and pixels between two taps
const NO_TAP = { time: 0, x: 0, y: 0 };
const SETTLED = 160; // milliseconds after the last turn of the wheel

export class Zoom {
  #viewer;
  #pinch = null;
  #timer = 0;
  #wheelZoom = 0; // the one that is previewed while the wheel turns, or 0
  #touch = null; // where and when the only finger came
  #lastTap = NO_TAP;
  #listeners = [];

  constructor(viewer) {
    this.#viewer = viewer;
    const options = { passive: false };
    viewer.main.addEventListener("touchstart", (event) => this.#onTouchStart(event), options);
    viewer.main.addEventListener("touchmove", (event) => this.#onTouchMove(event), options);
    for (const name of ["touchend", "touchcancel"])
      viewer.main.addEventListener(name, (event) => this.#onTouchEnd(event), options);
    viewer.main.addEventListener("gesturestart", (event) => event.preventDefault()); // Safari's own
    viewer.main.addEventListener("wheel", (event) => this.#onWheel(event), options);
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  get zoom() {
    return this.#viewer.geometry.zoom;
  }

  in() {
    this.#zoomInMiddle(this.zoom * STEP);
  }

  out() {
    this.#zoomInMiddle(this.zoom / STEP);
  }

  /* `how` is "width" or "page". */
  fit(how) {
    this.#change(() => {
      this.#viewer.geometry.fit = how;
      this.#viewer.geometry.zoom = 1;
    });
  }

  #zoomInMiddle(zoom) {
    const { width, height } = this.#viewer.geometry.window;
    this.zoomTo(zoom, width / 2, height / 2);
  }

  /* Zooms around a point of the window, which stays where it is. */
  zoomTo(zoom, x, y) {
    const { geometry } = this.#viewer;
    const next = geometry.limitZoom(Math.abs(zoom - 1) < 0.02 ? 1 : zoom);
    if (next !== geometry.zoom) this.#change(() => (geometry.zoom = next), x, y);
  }

  #change(change, x = 0, y = 0) {
    this.#viewer.layOut(change, x, y);
    for (const listener of this.#listeners) listener();
  }

  /* Shows a zoom before the pages are laid out and drawn for it, which takes longer than a frame. */
  #preview(zoom, x, y, [across, down] = [0, 0]) {
    const { main, area, geometry } = this.#viewer;
    const shown = geometry.limitZoom(zoom);
    area.style.transformOrigin = `${main.scrollLeft + x}px ${main.scrollTop + y}px`;
    area.style.transform = `translate(${across}px, ${down}px) scale(${shown / geometry.zoom})`;
    return shown;
  }

  #endPreview() {
    this.#viewer.area.style.transform = "";
  }

  #pointOf({ clientX, clientY }) {
    const { left, top } = this.#viewer.main.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  #onTouchStart(event) {
    const points = [...event.touches].map((touch) => this.#pointOf(touch));
    this.#touch = points.length === 1 ? { ...points[0], time: Date.now() } : null;
    if (points.length !== 2) {
      this.#endPinch();
      return;
    }
    if (event.cancelable) event.preventDefault();
    this.#pinch = { ...middleOf(points), distance: distanceOf(...points), zoom: this.zoom, moved: [0, 0] };
  }

  #onTouchMove(event) {
    if (!this.#pinch || event.touches.length !== 2) return;
    if (event.cancelable) event.preventDefault();
    const points = [...event.touches].map((touch) => this.#pointOf(touch));
    const { distance, x, y } = this.#pinch;
    const middle = middleOf(points);
    this.#pinch.moved = [middle.x - x, middle.y - y];
    const zoom = (this.zoom * distanceOf(...points)) / Math.max(distance, 1);
    this.#pinch.zoom = this.#preview(zoom, x, y, this.#pinch.moved);
  }

  #onTouchEnd(event) {
    if (this.#pinch) this.#endPinch();
    else if (event.touches.length === 0 && event.changedTouches.length === 1) this.#onTap(event);
  }

  #endPinch() {
    if (!this.#pinch) return;
    const { zoom, x, y, moved } = this.#pinch;
    const { main } = this.#viewer;
    this.#pinch = null;
    this.#endPreview();
    this.zoomTo(zoom, x, y);
    main.scrollLeft -= moved[0]; // what was between the fingers goes along with them
    main.scrollTop -= moved[1];
  }

  #onTap(event) {
    const point = this.#pointOf(event.changedTouches[0]);
    const now = Date.now();
    const start = this.#touch;
    const isTap = start && now - start.time < TAP[0] && distanceOf(point, start) < TAP[1];
    if (!isTap || event.target.closest("a, button") || turningSide(this.#viewer, point.x)) {
      this.#lastTap = NO_TAP;
      return;
    }
    const isDouble =
      now - this.#lastTap.time < DOUBLE_TAP[0] && distanceOf(point, this.#lastTap) < DOUBLE_TAP[1];
    this.#lastTap = isDouble ? NO_TAP : { time: now, ...point };
    if (!isDouble) return;
    event.preventDefault();
    this.zoomTo(this.zoom > 1 ? 1 : 2, point.x, point.y);
  }

  #onWheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const { x, y } = this.#pointOf(event);
    const before = this.#wheelZoom || this.zoom;
    const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    this.#wheelZoom = this.#preview(before * Math.exp(-pixels / 300), x, y);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const zoom = this.#wheelZoom;
      this.#wheelZoom = 0;
      this.#endPreview();
      this.zoomTo(zoom, x, y);
    }, SETTLED);
  }
}

function middleOf([a, b]) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function distanceOf(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
