/* The panel of contents: a tree at the current place, and a field to find a chapter of many. */
import { closePanels, offerPanel, onPanel } from "../frame/panels.js";
import { labelOf } from "../place/place.js";
import { ChapterFilter } from "./filter.js";
import { button, ContentsTree, flatItems } from "./tree.js";

const FEWEST_TO_FILTER = 12;
const MOST_FOUND = 200;

const panel = document.getElementById("panel-contents");

export function connectContents(navigator) {
  const { view } = navigator;
  const toc = view.book.toc || [];
  const all = flatItems(toc);
  const [list, results] = panel.querySelectorAll("ul");
  const note = panel.querySelector("p");
  const choose = (item) => {
    closePanels();
    if (item.href) navigator.jump(item.href);
  };
  note.hidden = toc.length > 0;
  note.textContent = document.body.dataset.bare;
  const tree = new ContentsTree(list, toc, choose);
  if (all.length >= FEWEST_TO_FILTER) connectFilter(all, list, results, choose);
  onPanel("contents", () => {
    const { tocItem } = view.lastLocation || {};
    tree.show(all.includes(tocItem) ? tocItem : null);
  });
  offerPanel("contents");
}

function connectFilter(all, list, results, choose) {
  const field = panel.querySelector("input");
  const count = panel.querySelector("output");
  let filter = null;
  field.hidden = false;
  field.addEventListener("input", () => {
    filter = filter || new ChapterFilter(all);
    const isSought = field.value.trim() !== "";
    const found = filter.find(field.value);
    results.replaceChildren(...found.slice(0, MOST_FOUND).map((item) => entryOf(item, choose)));
    results.hidden = !isSought;
    list.hidden = isSought;
    count.textContent = isSought ? document.body.dataset.found.replace("#", found.length) : "";
  });
}

function entryOf(item, choose) {
  const entry = document.createElement("li");
  const chapter = button("chapter", labelOf(item) || "·");
  chapter.onclick = () => choose(item);
  entry.append(chapter);
  return entry;
}
