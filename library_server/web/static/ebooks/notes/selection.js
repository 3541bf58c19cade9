/* Notices passages that people select on the pages of a book, by touch, mouse or keyboard. */

const SETTLED = 300, // milliseconds; a finger that moves the handles changes the selection many times
  LONGEST_TAP = 1000; // milliseconds

/* Calls `onSelect({ doc, index, range })` when a selection has come to rest, and `onSelect(null)` when it is gone.
   A tap that only takes a selection away is no tap for anything else, such as turning the page. */
export function watchSelections(pages, onSelect) {
  let timer = 0,
    isSelected = false;
  const settle = (page) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const range = selected(page.doc);
      if (!range && !isSelected) return;
      isSelected = Boolean(range);
      onSelect(range && { doc: page.doc, index: page.index, range });
    }, SETTLED);
  };
  pages.onPage((page) => {
    const { doc } = page;
    const view = doc.defaultView;
    if (doc.isWatchedForSelections) return;
    doc.isWatchedForSelections = true;
    doc.addEventListener("selectionchange", () => settle(page));
    let selectedAt = -Infinity;
    const note = ({ timeStamp }) => {
      if (selected(doc)) selectedAt = timeStamp;
    };
    for (const name of ["touchstart", "mousedown"])
      view.addEventListener(name, note, { capture: true, passive: true });
    view.addEventListener(
      "click",
      (event) => {
        if (event.timeStamp - selectedAt < LONGEST_TAP || selected(doc)) event.stopImmediatePropagation();
        selectedAt = -Infinity;
      },
      true
    );
  });
}

/* The range that is selected on a page; null where there is none with text. */
export function selected(doc) {
  const selection = doc.getSelection();
  if (!selection || !selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  return range.toString().trim() ? range.cloneRange() : null;
}
