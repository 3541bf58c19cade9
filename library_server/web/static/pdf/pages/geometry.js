/* Where the pages lie, in CSS pixels, before any of them is read: one below the other, or one alone. */

const GAP = 12; // pixels between pages
const WIDEST = 1000; // pixels of a page that fits the width: lines that are longer are hard to follow
const NARROW = 700; // pixels of a window that has no margin beside the page
// pixels: browsers scroll no element that is longer, Firefox less
const LONGEST = "MozAppearance" in document.documentElement.style ? 17e6 : 30e6;
const LETTER = [612, 792]; // points, of a page that states no size
const ZOOMS = [1, 8];

export class Geometry {
  window = { width: 320, height: 480 };
  fit = "width"; // or "page"
  wantsPaged = false;
  zoom = 1; // times the size that fits

  /* `runs` are [pages, width, height] in points. */
  constructor(runs) {
    const sizes = [];
    for (const [pages, width, height] of runs)
      for (let at = 0; at < pages; at++) sizes.push(width > 0 && height > 0 ? [width, height] : LETTER);
    this.sizes = sizes;
    this.layOut();
  }

  get pages() {
    return this.sizes.length;
  }

  /* Whether each page stands alone: where that was chosen, and where all of them would be too long to scroll. */
  get isPaged() {
    return this.wantsPaged || this.height > LONGEST;
  }

  layOut() {
    this.margin = this.window.width < NARROW ? 0 : 16;
    this.tops = [0];
    this.width = this.window.width;
    for (let page = 1; page <= this.pages; page++) {
      const { width, height } = this.boxOf(page);
      this.tops.push(this.tops[page - 1] + height + GAP);
      this.width = Math.max(this.width, width + 2 * this.margin);
    }
    this.height = this.tops[this.pages] - GAP;
  }

  /* Pixels for each point of a page. */
  scaleOf(page) {
    const [width, height] = this.sizes[page - 1];
    const across = Math.min(this.window.width - 2 * this.margin, WIDEST) / width;
    return this.zoom * (this.fit === "page" ? Math.min(across, this.window.height / height) : across);
  }

  boxOf(page) {
    const scale = this.scaleOf(page);
    const [width, height] = this.sizes[page - 1];
    return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
  }

  /* Where a page lies in the area of all pages, which is as large as `area` says. */
  placeOf(page) {
    const box = this.boxOf(page);
    const area = this.areaOf(page);
    const top = this.isPaged ? Math.max(0, (area.height - box.height) / 2) : this.tops[page - 1];
    return { ...box, top: Math.floor(top), left: Math.floor((area.width - box.width) / 2) };
  }

  areaOf(page) {
    if (!this.isPaged) return { width: this.width, height: Math.max(this.height, this.window.height) };
    const box = this.boxOf(page);
    return {
      width: Math.max(this.window.width, box.width + 2 * this.margin),
      height: Math.max(this.window.height, box.height),
    };
  }

  /* The page at a height of the area. */
  pageAt(y) {
    let low = 1,
      high = this.pages;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle - 1] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /* The nearest zoom that can be shown. */
  limitZoom(zoom) {
    const most = this.isPaged
      ? ZOOMS[1]
      : Math.min(ZOOMS[1], (LONGEST / Math.max(this.height, 1)) * this.zoom);
    return Math.max(ZOOMS[0], Math.min(most, zoom));
  }
}
