/* A table of contents as a tree of buttons. Branches are made when they are opened, and long ones piece by piece, so
   that thousands of chapters hold nothing up. */
import { labelOf } from "../place/place.js";

const PIECE = 250; // entries made at once
const MOST_OPEN = 150; // entries with which the whole tree is opened at first

export class ContentsTree {
  #branches = new Map(); // {list, items, made} by item; that of the top by null
  #parents = new Map();
  #entries = new Map(); // list items by item
  #choose;
  #current = null;

  /* `choose` is called with the item that is pressed. */
  constructor(list, items, choose) {
    this.#choose = choose;
    const all = flatItems(items);
    for (const item of all) for (const below of item.subitems || []) this.#parents.set(below, item);
    this.isOpenAtFirst = all.length <= MOST_OPEN;
    this.#branches.set(null, { list, items, made: 0 });
  }

  /* Marks the item as the current one, opens what it is in, and scrolls to it. */
  show(item) {
    this.#make(null, PIECE);
    if (this.#current) this.#mark(this.#current, false);
    this.#current = item;
    if (!item) return;
    const above = [];
    for (let parent = this.#parents.get(item); parent; parent = this.#parents.get(parent))
      above.unshift(parent);
    for (const parent of above) this.#open(parent, true);
    const parent = this.#parents.get(item) || null;
    this.#make(parent, this.#branches.get(parent).items.indexOf(item) + PIECE);
    this.#mark(item, true);
    this.#entries.get(item).querySelector(".chapter").scrollIntoView({ block: "center" });
  }

  #mark(item, isCurrent) {
    const button = this.#entries.get(item).querySelector(".chapter");
    if (isCurrent) button.setAttribute("aria-current", "location");
    else button.removeAttribute("aria-current");
  }

  /* Makes the entries of a branch up to a number at once, and the others later. */
  #make(key, most) {
    const branch = this.#branches.get(key);
    const made = document.createDocumentFragment();
    for (const item of branch.items.slice(branch.made, most)) made.append(this.#entryOf(item));
    branch.made = Math.max(branch.made, Math.min(most, branch.items.length));
    branch.list.append(made);
    if (branch.made < branch.items.length && !branch.isContinued) {
      branch.isContinued = true;
      setTimeout(() => {
        branch.isContinued = false;
        this.#make(key, branch.made + PIECE);
      }, 30);
    }
  }

  #entryOf(item) {
    const entry = document.createElement("li");
    const row = element("div", "entry");
    const hasBranch = item.subitems && item.subitems.length > 0;
    this.#entries.set(item, entry);
    if (hasBranch) {
      const toggle = button("toggle", "");
      toggle.setAttribute("aria-label", labelOf(item));
      toggle.onclick = () => this.#open(item, toggle.getAttribute("aria-expanded") !== "true");
      toggle.setAttribute("aria-expanded", "false");
      row.append(toggle);
    }
    const chapter = button("chapter", labelOf(item) || "·");
    chapter.onclick = () => this.#choose(item);
    row.append(chapter);
    entry.append(row);
    if (hasBranch && this.isOpenAtFirst) this.#open(item, true);
    return entry;
  }

  #open(item, isOpen) {
    const entry = this.#entries.get(item) || this.#made(item);
    if (!this.#branches.has(item)) {
      const list = document.createElement("ul");
      entry.append(list);
      this.#branches.set(item, { list, items: item.subitems, made: 0 });
      this.#make(item, PIECE);
    }
    this.#branches.get(item).list.hidden = !isOpen;
    entry.querySelector(".toggle").setAttribute("aria-expanded", String(isOpen));
  }

  #made(item) {
    const parent = this.#parents.get(item) || null;
    this.#make(parent, this.#branches.get(parent).items.indexOf(item) + 1);
    return this.#entries.get(item);
  }
}

export function flatItems(items) {
  const flat = [];
  for (const item of items) {
    flat.push(item);
    if (item.subitems) flat.push(...flatItems(item.subitems));
  }
  return flat;
}

export function button(className, text) {
  const made = element("button", className);
  made.type = "button";
  made.textContent = text;
  return made;
}

function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
