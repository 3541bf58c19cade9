/* The way back after a jump. A jump is an entry of the browser's history, so that the back key of a phone leads to the
   place before it; the next hit of a search takes the place of the one before. */

import { closePanels } from "../../ebooks/frame/panels.js";

const SHOWN_TURNS = 3; // pages turned after a jump, after which the way back is offered in the contents alone

export class PageHistory {
  #viewer;
  #turns = 0;
  #isMoving = false;
  #returnButtons = document.querySelectorAll("[data-return]");
  #returnOverlay = document.getElementById("return");

  constructor(viewer) {
    this.#viewer = viewer;
    for (const button of this.#returnButtons) button.addEventListener("click", () => this.back());
    addEventListener("popstate", ({ state }) => {
      if (state && state.page) this.#show(state.page, state.share, 0);
    });
    viewer.on("place", () => this.#countTurn());
    this.#showReturn();
  }

  /* Goes to a page, and there to a share of its height, and keeps the place that is left. */
  jump(page, share = 0, { isHit = false } = {}) {
    const number = Math.max(1, Math.min(this.#viewer.geometry.pages, page));
    const before = history.state || {};
    if (isHit && before.isHit && before.page === this.#viewer.page)
      history.replaceState({ ...before, page: number, share }, "");
    else if (number !== this.#viewer.page || share) {
      const depth = this.#depth;
      history.replaceState({ ...before, ...this.#place, depth }, "");
      history.pushState({ page: number, share, isHit, depth: depth + 1 }, "");
    }
    this.#show(number, share);
  }

  back() {
    closePanels();
    history.back();
    this.#viewer.main.focus({ preventScroll: true });
  }

  /* The page that is read, and the share of its height at the top of the window, below 0 where that is above it. */
  get #place() {
    const { page, geometry, main } = this.#viewer;
    const { top, height } = geometry.placeOf(page);
    return { page, share: (main.scrollTop - top) / height };
  }

  get #depth() {
    return (history.state && history.state.depth) || 0;
  }

  #show(page, share, above) {
    this.#isMoving = true;
    this.#viewer.show(page, share, above);
    this.#isMoving = false;
    this.#turns = 0;
    this.#showReturn();
  }

  #countTurn() {
    if (this.#isMoving) return;
    this.#turns++;
    this.#showReturn();
  }

  #showReturn() {
    for (const button of this.#returnButtons) button.hidden = this.#depth === 0;
    this.#returnOverlay.hidden = this.#depth === 0 || this.#turns >= SHOWN_TURNS;
  }
}
