/* Enlarges the pages: by two fingers, by the wheel with Ctrl, by a double tap, by buttons. */

const STEP = 1.25;
const DOUBLE_TAP = [300, 30]; // milliseconds and pixels between two taps
const SETTLED = 160; // milliseconds after the last turn of the wheel

export class Zoom {
  #viewer;
  #pinch = null;
  #timer = 0;
  #wheelZoom = 0; // the one that is previewed while the wheel turns, or 0
  #lastTap = { time: 0, x: 0, y: 0 };
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
  #preview(zoom, x, y) {
    const { main, area, geometry } = this.#viewer;
    const shown = geometry.limitZoom(zoom);
    area.style.transformOrigin = `${main.scrollLeft + x}px ${main.scrollTop + y}px`;
    area.style.transform = `scale(${shown / geometry.zoom})`;
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
    if (event.touches.length !== 2) {
      this.#pinch = null;
      return;
    }
    event.preventDefault();
    const [first, second] = [...event.touches].map((touch) => this.#pointOf(touch));
    const middle = { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 };
    this.#pinch = { distance: distanceOf(first, second), ...middle, zoom: this.zoom };
  }

  #onTouchMove(event) {
    if (!this.#pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const [first, second] = [...event.touches].map((touch) => this.#pointOf(touch));
    const { distance, x, y } = this.#pinch;
    this.#pinch.zoom = this.#preview((this.zoom * distanceOf(first, second)) / Math.max(distance, 1), x, y);
  }

  #onTouchEnd(event) {
    if (this.#pinch) {
      const { zoom, x, y } = this.#pinch;
      this.#pinch = null;
      this.#endPreview();
      this.zoomTo(zoom, x, y);
    } else if (event.touches.length === 0 && event.changedTouches.length === 1) this.#onTap(event);
  }

  #onTap(event) {
    const point = this.#pointOf(event.changedTouches[0]);
    const now = Date.now();
    const isDouble =
      now - this.#lastTap.time < DOUBLE_TAP[0] && distanceOf(point, this.#lastTap) < DOUBLE_TAP[1];
    this.#lastTap = isDouble ? { time: 0, x: 0, y: 0 } : { time: now, ...point };
    if (!isDouble || event.target.closest("a, button")) return;
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

function distanceOf(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
