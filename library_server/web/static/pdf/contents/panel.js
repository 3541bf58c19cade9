/* The panel of contents: the outline as a tree, small pictures of the pages, and the page number. */
import { closePanels, offerPanel, onPanel, openedPanel } from "../../ebooks/frame/panels.js";
import { Outline } from "./outline.js";
import { data } from "../page-data.js";
import { Thumbnails } from "./thumbnails.js";

export class ContentsPanel {
  #viewer;
  #panel = document.getElementById("panel-contents");
  #view = "outline";

  constructor(viewer) {
    this.#viewer = viewer;
    for (const button of this.#panel.querySelectorAll("[data-view]"))
      button.onclick = () => this.#choose(button.dataset.view);
    offerPanel("contents");
    onPanel("contents", () => this.#show());
    viewer.on("place", () => this.#isOpen && this.#view === "outline" && this.#show());
  }

  /* Fills the panel; `follow` goes to a destination, `jump` to a page. */
  async open(book, follow, jump) {
    const leave = (go) => (target) => {
      closePanels();
      go(target);
    };
    const box = document.getElementById("thumbnails"),
      note = this.#panel.querySelector(".panel-body > p");
    this.thumbnails = new Thumbnails(book, this.#viewer.labels, box, leave(jump));
    this.outline = new Outline(book, this.#viewer.labels, leave(follow));
    const hasOutline = await this.outline.fill(this.#panel.querySelector(".lines")).catch(() => false);
    if (hasOutline) note.remove();
    else note.textContent = data.bare;
    if (!hasOutline) this.#view = "thumbnails"; // the pictures are what there is
    this.#choose(this.#view);
  }

  get #isOpen() {
    return openedPanel() === this.#panel;
  }

  #choose(view) {
    this.#view = view;
    for (const button of this.#panel.querySelectorAll("[data-view]"))
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    this.#panel.querySelector(".lines").hidden = view !== "outline";
    document.getElementById("thumbnails").hidden = view !== "thumbnails";
    if (this.#isOpen) this.#show();
  }

  #show() {
    if (!this.thumbnails) return; // the document has not been opened yet
    if (this.#view === "thumbnails") this.thumbnails.show(this.#viewer.page);
    else {
      this.thumbnails.hide();
      this.outline.showPlace(this.#viewer.page);
    }
  }
}
