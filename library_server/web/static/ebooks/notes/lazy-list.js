/* A list that draws its rows in portions, the next one when a reader comes near the end of those that are there: thousands
   of rows at once take a phone seconds. */

const PORTION = 60, // rows; a screen shows about ten
  NEAR = 10; // rows at the end of which one is seen

export class LazyList {
  #list;
  #rowOf;
  #items = [];
  #observer = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) this.#draw(this.#drawn + PORTION);
  });

  /* `rowOf` makes the element of an item. */
  constructor(list, rowOf) {
    this.#list = list;
    this.#rowOf = rowOf;
  }

  get #drawn() {
    return this.#list.childElementCount;
  }

  /* Shows other items: as many as were drawn before, and at least all up to the one at `index`. */
  show(items, index = 0) {
    const drawn = Math.max(this.#drawn, index + 1, PORTION);
    this.#items = items;
    this.#list.textContent = "";
    this.#draw(drawn);
  }

  #draw(end) {
    const rows = document.createDocumentFragment();
    for (const item of this.#items.slice(this.#drawn, end)) rows.append(this.#rowOf(item));
    this.#list.append(rows);
    this.#observer.disconnect();
    if (this.#drawn < this.#items.length)
      for (const row of [...this.#list.children].slice(-NEAR)) this.#observer.observe(row);
  }
}
