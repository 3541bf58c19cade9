/* The way back after a jump. A jump is an entry of the browser's history, so that the back key of a phone leads to the
   place before it; the next hit of a search takes the place of the one before. */

import { closePanels } from "../../ebooks/frame/panels.js";
import { WayBack } from "../../ebooks/place/way-back.js";

export class PageHistory {
  #viewer;
  #wayBack = new WayBack(() => this.back());
  #isMoving = false;

  constructor(viewer) {
    this.#viewer = viewer;
    addEventListener("popstate", ({ state }) => {
      if (state && state.page) this.#show(state.page, state.share, 0);
    });
    viewer.on("place", () => {
      if (!this.#isMoving) this.#wayBack.countTurn();
    });
  }

  /* Goes to a page, and there to a share of its height, and keeps the place that is left. */
  jump(page, share = 0, { isHit = false } = {}) {
    const number = Math.max(1, Math.min(this.#viewer.geometry.pages, page));
    const before = history.state || {};
    if (isHit && before.isHit && before.page === this.#viewer.page)
      history.replaceState({ ...before, page: number, share }, "");
    else if (number !== this.#viewer.page || share) {
      const { depth } = this.#wayBack;
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

  #show(page, share, above) {
    this.#isMoving = true;
    this.#viewer.show(page, share, above);
    this.#isMoving = false;
    this.#wayBack.update();
  }
}
