/* The numbers that are printed on the pages (ISO 32000-1, 12.4.2), such as iv or A-1. */

export class PageLabels {
  #labels = null;

  /* Takes the labels of a document, where they differ from the numbers of its pages. */
  async read(book) {
    const labels = await book.getPageLabels().catch(() => null);
    if (labels && labels.some((label, index) => label && label !== String(index + 1))) this.#labels = labels;
  }

  get areThere() {
    return this.#labels !== null;
  }

  of(page) {
    return (this.#labels && this.#labels[page - 1]) || String(page);
  }

  /* The page of a label, or else of a number; NaN where there is none. */
  pageOf(text) {
    const label = text.trim().toLowerCase();
    const index = (this.#labels || []).findIndex((known) => known && known.toLowerCase() === label);
    return index >= 0 ? index + 1 : parseInt(label, 10);
  }
}
