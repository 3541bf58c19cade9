/* Moves through a book, one movement after the other: foliate-js drops a turn or a jump that comes while another still
   moves. A jump is an entry of the browser's history, so that "back" leads to the place before it. */

const SHOWN_TURNS = 3; // turns after a jump, after which the way back is offered in the panels alone

export class Navigator {
  #view;
  #last = Promise.resolve();
  #waiting = 0;
  #turns = 0;
  #returnButtons = document.querySelectorAll("[data-return]");
  #returnLine = document.getElementById("return");

  constructor(view) {
    this.#view = view;
    for (const button of this.#returnButtons) button.addEventListener("click", () => history.back());
    addEventListener("popstate", ({ state }) => {
      if (state && state.cfi) this.run(() => view.goTo(state.cfi));
      this.#turns = 0;
      this.#showReturn();
    });
    this.#showReturn();
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
    this.#turns++;
    this.#showReturn();
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
      const depth = this.#depth;
      await move();
      const { cfi } = this.#view.lastLocation || {};
      if (!from || cfi === from) return;
      history.replaceState({ cfi: from, depth }, "");
      history.pushState({ cfi, depth: depth + 1 }, "");
      this.#turns = 0;
      this.#showReturn();
    });
  }

  get #depth() {
    return (history.state && history.state.depth) || 0;
  }

  #showReturn() {
    const isThere = this.#depth > 0;
    for (const button of this.#returnButtons) button.hidden = !isThere;
    this.#returnLine.hidden = !isThere || this.#turns >= SHOWN_TURNS;
  }
}
