/* A finger that moves sideways turns one page. foliate-js turns by swipes too, but not the pages of a fixed layout, not
   sideways in vertical text, and not reliably when one follows the other at once: its listeners are passed by. */
import { hasSelection } from "./taps.js";

const SWIPE = 40; // pixels

/* `target` gets the touches: the window of a page of the book, or what is around the pages, with its own document. */
export function connectSwipes(target, page, turns) {
  let start = null;
  const own = (event) => {
    if (turns.isScrolled()) return false;
    event.stopPropagation();
    return true;
  };
  const onStart = (event) => {
    const isFree =
      own(event) && !turns.isZoomed() && !hasSelection(page) && !isScrolledSideways(event.target);
    start = isFree && event.touches.length === 1 ? event.changedTouches[0] : null;
  };
  const onMove = (event) => {
    if (!own(event)) return;
    if (event.touches.length > 1 || hasSelection(page)) start = null;
    else if (start && event.cancelable) event.preventDefault(); // the window does not move sideways
  };
  const onEnd = (event) => {
    if (!own(event) || !start) return;
    const end = event.changedTouches[0];
    const across = end.screenX - start.screenX,
      down = end.screenY - start.screenY;
    start = null;
    if (Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(down)) return;
    if (event.cancelable) event.preventDefault(); // no click follows
    turns.swipeTo(across < 0 ? "right" : "left"); // a finger that moves to the left brings the page on the right
  };
  // before the listeners of foliate-js
  const options = { capture: true, passive: false };
  target.addEventListener("touchstart", onStart, options);
  target.addEventListener("touchmove", onMove, options);
  target.addEventListener("touchend", onEnd, options);
}

/* A table that is wider than the page. */
function isScrolledSideways(target) {
  return Boolean(target.closest && target.closest("[data-scrolled]"));
}
