/* A tap on the left or right third of the page turns it, in reading order; one in the middle hides or shows the toolbars
   around the book. With a text that is scrolled every tap is one in the middle. */
import { closePanels, openedPanel } from "../frame/panels.js";

const ACTIVE = "a[href],button,input,select,textarea,label,summary,audio,video,[data-note]";

export function connectTaps(view, turns) {
  const onTap = (event, x, y) => {
    const across = shareOf(view, x);
    if (event.defaultPrevented || event.button > 0) return;
    const isInMiddle = turns.isScrolled() || turns.isZoomed() || (across > 1 / 3 && across < 2 / 3);
    if (openedPanel()) closePanels();
    else if (isInMiddle) turns.middle(x, y);
    else turns.turnTo(across < 1 / 2 ? "left" : "right");
  };
  view.addEventListener("click", (event) => onTap(event, event.clientX, event.clientY));
  view.addEventListener("load", ({ detail: { doc } }) => {
    let wasSelected = false;
    // a tap that ends a selection, or that takes one back, is not one on the page
    doc.addEventListener("pointerdown", () => {
      wasSelected = hasSelection(doc);
    });
    doc.addEventListener("click", (event) => {
      const target = event.target.nodeType === 1 ? event.target : event.target.parentElement;
      if (wasSelected || hasSelection(doc) || (target && target.closest(ACTIVE))) return;
      onTap(event, ...placeInWindow(doc, event));
    });
  });
}

export function hasSelection(doc) {
  const selection = doc.getSelection();
  return Boolean(selection && selection.rangeCount && !selection.isCollapsed);
}

/* Where in the window an event in a page of the book is, in pixels: the page may be wide, or drawn smaller or larger. */
export function placeInWindow(doc, { clientX, clientY }) {
  const frame = doc.defaultView.frameElement;
  const box = frame.getBoundingClientRect();
  const scale = box.width / (frame.offsetWidth || box.width || 1);
  return [box.left + clientX * scale, box.top + clientY * scale];
}

function shareOf(view, x) {
  const box = view.getBoundingClientRect();
  return (x - box.left) / box.width;
}
