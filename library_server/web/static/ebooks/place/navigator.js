/* Moves through a book, one movement after the other: foliate-js drops a turn or a jump that comes while another still
   moves. A jump is an entry of the browser's history, so that "back" leads to the place before it. */
import { WayBack } from "./way-back.js";

export class Navigator {
  #view;
  #last = Promise.resolve();
  #waiting = 0;
  #wayBack = new WayBack(() => history.back());

  constructor(view) {
    this.#view = view;
    addEventListener("popstate", ({ state }) => {
      if (state && state.cfi) this.run(() => view.goTo(state.cfi));
      this.#wayBack.update();
    });
  }

  get view() {
    return this.#view;
  }

  get isMoving() {
    return this.#waiting > 0;
  }

  /* Runs `move` when the movements before it have ended; resolves when it has. */
  run(move) {
    this.#waiting++;
    const ended = () => {
      this.#waiting--;
    };
    this.#last = this.#last
      .then(move)
      .catch((error) => console.error(error))
      .then(ended);
    return this.#last;
  }

  /* `distance` in pixels where the text is scrolled; a page without one. */
  turn(forward, distance) {
    this.#wayBack.countTurn();
    return this.run(() => (forward ? this.#view.next(distance) : this.#view.prev(distance)));
  }

  /* Goes to a CFI, the address of a chapter or `{fraction}`, and keeps the place before it to return to. */
  jump(target) {
    return this.jumpBy(() => this.#view.goTo(target));
  }

  /* Runs a `move` to another place, and keeps the one before it to return to. */
  jumpBy(move) {
    return this.run(async () => {
      const from = this.#view.lastLocation && this.#view.lastLocation.cfi;
      const { depth } = this.#wayBack;
      await move();
      const { cfi } = this.#view.lastLocation || {};
      if (!from || cfi === from) return;
      history.replaceState({ cfi: from, depth }, "");
      history.pushState({ cfi, depth: depth + 1 }, "");
      this.#wayBack.update();
    });
  }
}
