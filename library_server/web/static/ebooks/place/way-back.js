/* The way back after a jump, which is an entry of the browser's history: how deep it is, and the buttons that lead back. */

const SHOWN_TURNS = 3; // turns after a jump, after which the way back is offered in the panels alone

export class WayBack {
  #turns = 0;
  #buttons = document.querySelectorAll("[data-return]");
  #overPages = document.getElementById("return");

  /* `back` is called when one of the buttons is pressed. */
  constructor(back) {
    for (const button of this.#buttons) button.addEventListener("click", back);
    this.#show();
  }

  /* How many jumps lie behind. */
  get depth() {
    return (history.state && history.state.depth) || 0;
  }

  countTurn() {
    this.#turns++;
    this.#show();
  }

  /* To be called after each jump, and each way back. */
  update() {
    this.#turns = 0;
    this.#show();
  }

  #show() {
    for (const button of this.#buttons) button.hidden = this.depth === 0;
    this.#overPages.hidden = this.depth === 0 || this.#turns >= SHOWN_TURNS;
  }
}
