/* The outline of a PDF as a tree (ISO 32000-1, 12.3.3), with the page of each entry and the one that is read. */
import { resolvePage } from "../document/destinations.js";
import { leadOutside } from "../pages/links.js";
import { data } from "../page-data.js";

const OPENED_UP_TO = 60; // entries: a longer outline shows its chapters, and their parts when asked for
const MOST = 5000; // entries in one list

export class Outline {
  #book;
  #labels;
  #follow;
  #pages = new Map(); // page by entry
  #buttons = new Map(); // entry by item
  #run = 0;
  #isOpened = false; // all of it, at first

  /* `follow` goes to a destination. */
  constructor(book, labels, follow) {
    this.#book = book;
    this.#labels = labels;
    this.#follow = follow;
  }

  /* Fills a list; returns whether there is an outline. */
  async fill(list) {
    const items = (await this.#book.getOutline()) || [];
    this.#isOpened = count(items) <= OPENED_UP_TO;
    this.#add(list, items);
    return items.length > 0;
  }

  #add(list, items) {
    for (const item of items.slice(0, MOST)) list.append(this.#entryOf(item));
  }

  #entryOf(item) {
    const entry = document.createElement("li");
    const row = document.createElement("div");
    row.className = "outline-row";
    row.append(this.#linkOf(item));
    entry.append(row);
    if (item.items.length) this.#addParts(entry, row, item);
    return entry;
  }

  #linkOf(item) {
    const link = document.createElement(item.url ? "a" : "button");
    const title = document.createElement("span");
    title.textContent = item.title.replace(/\s+/g, " ").trim() || "……";
    link.append(title);
    if (item.url) leadOutside(link, item.url);
    else {
      link.type = "button";
      link.disabled = !item.dest;
      link.onclick = () => this.#follow(item.dest);
    }
    if (item.dest) this.#buttons.set(item, link);
    return link;
  }

  #addParts(entry, row, item) {
    const parts = document.createElement("ul");
    const toggle = document.createElement("button");
    toggle.type = "button";
    toggle.className = "outline-toggle";
    toggle.setAttribute("aria-label", `${data.parts} · ${item.title}`);
    const show = (isOpen) => {
      if (isOpen && !parts.firstChild) this.#add(parts, item.items);
      parts.hidden = !isOpen;
      toggle.textContent = isOpen ? "−" : "+";
      toggle.setAttribute("aria-expanded", String(isOpen));
    };
    toggle.onclick = () => {
      show(parts.hidden);
      this.showPlace(this.page);
    };
    show(this.#isOpened);
    row.append(toggle);
    entry.append(parts);
  }

  /* Marks the entry of the page that is read; the pages of the entries are looked up first, and shown as they come. */
  async showPlace(page) {
    this.page = page;
    const run = ++this.#run;
    let current = null;
    for (const [item, button] of this.#buttons) {
      const target = await this.#pageOf(item, button);
      if (run !== this.#run) return; // another page has been shown meanwhile
      if (target && target <= page && !(current && this.#pages.get(current) > target)) current = item;
    }
    for (const [item, button] of this.#buttons)
      if (item === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    const shown = current && this.#buttons.get(current);
    if (shown && shown.offsetParent && shown.scrollIntoView) shown.scrollIntoView({ block: "nearest" });
  }

  async #pageOf(item, button) {
    if (this.#pages.has(item)) return this.#pages.get(item);
    const page = await resolvePage(this.#book, item.dest).catch(() => null);
    this.#pages.set(item, page);
    if (!page) button.disabled = true;
    else {
      const number = document.createElement("small");
      number.textContent = this.#labels.of(page);
      button.append(number);
    }
    return page;
  }
}

function count(items) {
  return items.reduce((sum, item) => sum + 1 + count(item.items), 0);
}
