/* The way back after a jump: every jump keeps the place it was made from. */

const MOST = 50;

export class PageHistory {
  #viewer;
  #button;
  #places = [];

  constructor(viewer, button) {
    this.#viewer = viewer;
    this.#button = button;
    button.onclick = () => this.back();
  }

  /* Goes to a page and keeps the place that is left. */
  jump(page, share = 0) {
    const { page: from, down } = this.#viewer.anchor();
    if (page !== this.#viewer.page || share) {
      this.#places.push({ page: from, share: Math.max(0, down) });
      if (this.#places.length > MOST) this.#places.shift();
      this.#button.hidden = false;
    }
    this.#viewer.show(page, share);
  }

  back() {
    const place = this.#places.pop();
    this.#button.hidden = this.#places.length === 0;
    if (place) this.#viewer.show(place.page, place.share, 0);
    this.#viewer.main.focus({ preventScroll: true });
  }
}
