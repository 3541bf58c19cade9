/* Finds chapters by a part of their name; 12 finds 第十二回 too, and before 第112回. */
import { labelOf } from "../place/place.js";
import { withDigits } from "./numerals.js";

export class ChapterFilter {
  #items;

  constructor(items) {
    this.#items = items.map((item) => ({ item, form: formOf(labelOf(item)) }));
  }

  /* The items whose name has the words, those of exactly the number first. */
  find(words) {
    const sought = formOf(words.trim());
    if (!sought) return [];
    const found = this.#items.filter(({ form }) => form.includes(sought));
    const exact = /^\d+$/.test(sought) && new RegExp(`(^|\\D)0*${sought}(\\D|$)`);
    const isExact = ({ form }) => exact && exact.test(form);
    return [...found.filter(isExact), ...found.filter((one) => !isExact(one))].map(({ item }) => item);
  }
}

function formOf(text) {
  return withDigits(text.normalize("NFKC").toLowerCase()).replace(/\s+/g, "");
}
