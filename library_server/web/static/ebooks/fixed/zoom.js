/* Pages of a fixed layout larger or smaller: by buttons, two fingers, or two taps; a whole page or its whole width. */
import { onSettings, settings } from "../frame/settings.js";

const STEP = 1.3;
const LARGEST = 6; // times the whole page
const TAPPED = 2.5; // times, by two taps
const REST = 2; // pixels that do not count as more to scroll to

export class Zoom {
  #view;
  #factor = 1; // times what fits

  constructor(view) {
    this.#view = view;
    for (const [id, step] of [
      ["zoom-out", 1 / STEP],
      ["zoom-in", STEP],
    ]) {
      const button = document.getElementById(id);
      button.hidden = false;
      button.onclick = () => this.#setFactor(this.#factor * step);
    }
    view.addEventListener("load", ({ detail }) => this.#connectPinch(detail.doc));
    view.addEventListener("relocate", () => this.#toBeginning());
    let { fit } = settings();
    onSettings((changed) => {
      if (changed.fit === fit) return;
      ({ fit } = changed);
      this.#factor = 1;
      this.#fit();
      this.#toBeginning();
    });
    addEventListener("resize", () => requestAnimationFrame(() => this.#place()));
    this.#fit();
  }

  isLarger() {
    return this.#factor > 1;
  }

  /* Two taps: larger around this place of the window, or back to what fits. */
  toggle(x, y) {
    this.#setFactor(this.isLarger() ? 1 : TAPPED, x, y);
  }

  /* Scrolls on within the page; returns whether there was more of it. */
  scroll(forward) {
    const host = this.#view.renderer;
    const left = forward ? host.scrollHeight - host.clientHeight - host.scrollTop : host.scrollTop;
    if (left <= REST) return false;
    host.scrollTop += (forward ? 0.9 : -0.9) * host.clientHeight;
    return true;
  }

  #fit() {
    this.#view.renderer.setAttribute("zoom", settings().fit === "width" ? "fit-width" : "fit-page");
    this.#place();
  }

  /* `x` and `y` of the window stay where they are. */
  #setFactor(factor, x = innerWidth / 2, y = innerHeight / 2) {
    const host = this.#view.renderer;
    const before = this.#box();
    const fitting = this.#scale() / this.#factor;
    this.#factor = Math.min(LARGEST, factor);
    if (this.#factor < 1.05) {
      this.#factor = 1;
      this.#fit();
    } else host.setAttribute("zoom", String(fitting * this.#factor));
    this.#place();
    const after = this.#box();
    if (!before.width || !after.width) return;
    const ratio = after.width / before.width;
    host.scrollLeft += after.left + (x - before.left) * ratio - x;
    host.scrollTop += after.top + (y - before.top) * ratio - y;
  }

  /* A box that is centred and larger than its parent cannot be scrolled to its left end. */
  #place() {
    const host = this.#view.renderer;
    host.style.justifyContent = this.#box().width > host.clientWidth + REST ? "flex-start" : "center";
    host.style.touchAction = "pan-x pan-y";
  }

  #toBeginning() {
    this.#place();
    const host = this.#view.renderer;
    host.scrollTop = 0;
    host.scrollLeft = this.#view.book.dir === "rtl" ? host.scrollWidth : 0;
  }

  #frames() {
    return this.#view.renderer
      .getContents()
      .map(({ doc }) => doc && doc.defaultView && doc.defaultView.frameElement)
      .filter((frame) => frame && frame.getBoundingClientRect().width > 0);
  }

  #scale() {
    const [frame] = this.#frames();
    return frame ? frame.getBoundingClientRect().width / frame.offsetWidth : 1;
  }

  /* Where the pages that are shown are in the window. */
  #box() {
    const boxes = this.#frames().map((frame) => frame.getBoundingClientRect());
    if (!boxes.length) return { left: 0, top: 0, width: 0 };
    const left = Math.min(...boxes.map((box) => box.left)),
      right = Math.max(...boxes.map((box) => box.right));
    return { left, top: Math.min(...boxes.map((box) => box.top)), width: right - left };
  }

  #connectPinch(doc) {
    let start = null;
    const distance = ([one, other]) => Math.hypot(one.screenX - other.screenX, one.screenY - other.screenY);
    doc.documentElement.style.touchAction = "pan-x pan-y";
    const options = { capture: true, passive: false };
    doc.defaultView.addEventListener(
      "touchstart",
      ({ touches }) => {
        if (touches.length === 2) start = { distance: distance(touches), factor: this.#factor };
      },
      options
    );
    doc.defaultView.addEventListener(
      "touchmove",
      (event) => {
        if (!start || event.touches.length !== 2) return;
        if (event.cancelable) event.preventDefault();
        const ratio = distance(event.touches) / Math.max(1, start.distance);
        this.#setFactor(start.factor * ratio);
      },
      options
    );
    doc.defaultView.addEventListener("touchend", ({ touches }) => {
      if (touches.length < 2) start = null;
    }, options); // prettier-ignore
  }
}
