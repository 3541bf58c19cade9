/* The places that a search found, in the order of the book, by chapter. */
import { sectionLabel } from "../place/place.js";

export class HitList {
  #view;
  #list;
  #onOpen;
  #chapters = []; // { index, element, places } in the order of the book
  #selected = null;
  count = 0;

  constructor(view, list, onOpen) {
    this.#view = view;
    this.#list = list;
    this.#onOpen = onOpen;
  }

  clear() {
    this.#chapters = [];
    this.#selected = null;
    this.count = 0;
    this.#list.textContent = "";
  }

  add(index, hits) {
    if (!hits.length) return;
    const at = this.#chapters.findIndex((chapter) => chapter.index > index);
    const element = document.createElement("li");
    const heading = document.createElement("h3");
    heading.textContent = sectionLabel(this.#view, index);
    const entries = document.createElement("ul");
    element.append(heading, entries);
    const places = hits.map((hit) => {
      const place = { ...hit, index };
      place.button = entryOf(place, () => this.#onOpen(place));
      const entry = document.createElement("li");
      entry.append(place.button);
      entries.append(entry);
      return place;
    });
    const chapter = { index, element, places };
    this.#list.insertBefore(element, at < 0 ? null : this.#chapters[at].element);
    this.#chapters.splice(at < 0 ? this.#chapters.length : at, 0, chapter);
    this.count += hits.length;
  }

  select(place) {
    if (this.#selected) this.#selected.button.removeAttribute("aria-current");
    this.#selected = place;
    place.button.setAttribute("aria-current", "true");
    place.button.scrollIntoView({ block: "nearest" });
  }

  get #places() {
    return [].concat(...this.#chapters.map(({ places }) => places));
  }

  numberOf(place) {
    return this.#places.indexOf(place) + 1;
  }

  /* The place `step` after the one that was opened last; from the end it goes on at the beginning. */
  next(step) {
    const places = this.#places;
    if (!places.length) return null;
    const at = places.indexOf(this.#selected);
    return places[at < 0 ? 0 : (at + step + places.length) % places.length];
  }
}

function entryOf({ before, match, after }, onOpen) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quoted";
  const mark = document.createElement("mark");
  mark.textContent = match;
  button.append(before, mark, after);
  button.onclick = onOpen;
  return button;
}
