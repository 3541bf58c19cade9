/* The bar over the foot of a book while a passage is selected or a highlight was tapped. It stands away from the
   passage, where the browser's own menu is. */

const bar = document.getElementById("passage-bar");

/* `actions` has `highlight`, `note`, `copy`, `speak`, `colour(name)`, `remove`, `undo` and `move(step)`; each is called
   with what `show` was given. */
export class PassageBar {
  mode = "";
  #passage = null;
  #onHide;

  constructor(actions, onHide) {
    this.#onHide = onHide;
    for (const button of bar.querySelectorAll("button")) {
      // the selection stays while the bar is touched
      button.addEventListener("pointerdown", (event) => event.preventDefault());
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.onclick = () => {
        const { do: name, value } = button.dataset;
        if (name === "close") this.hide();
        else if (this.#passage) actions[name](this.#passage, value);
      };
    }
    bar.addEventListener("keydown", (event) => this.#onKey(event));
  }

  get passage() {
    return this.#passage;
  }

  /* Shows the buttons of `mode`: "selected" or "sentence" with a passage, "marked" with a note, "deleted" after one was. */
  show(mode, passage, { canSpeak = false, colour = "", message = "" } = {}) {
    const focused = bar.contains(document.activeElement) ? document.activeElement : null;
    this.mode = mode;
    this.#passage = passage;
    for (const button of bar.querySelectorAll("button")) {
      const isOffered = button.dataset.in.split(" ").includes(mode);
      button.hidden = !isOffered || (button.dataset.do === "speak" && !canSpeak);
      if (button.dataset.do === "colour")
        button.setAttribute("aria-pressed", String(button.dataset.value === colour));
    }
    bar.querySelector("[role=status]").textContent = message;
    bar.hidden = false;
    if (focused && focused.hidden) this.focus();
  }

  hide() {
    this.mode = "";
    this.#passage = null;
    bar.hidden = true;
    this.#onHide();
  }

  get isShown() {
    return !bar.hidden;
  }

  focus() {
    this.#offered[0].focus();
  }

  get #offered() {
    return [...bar.querySelectorAll("button")].filter((button) => !button.hidden);
  }

  /* Arrows move within the bar, as in every toolbar (WAI-ARIA Authoring Practices, Toolbar Pattern). */
  #onKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") this.hide();
    else if (step) {
      const offered = this.#offered;
      offered[(offered.indexOf(document.activeElement) + step + offered.length) % offered.length].focus();
    } else if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.stopPropagation();
    if (event.key !== "Escape") event.preventDefault();
  }
}
