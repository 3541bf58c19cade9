/* Where a chapter is scrolled, the next begins when one goes on at its end: by the wheel, or by a finger that moves on
   from there. */

const PULLED = 70; // pixels
const QUIET = 600; // milliseconds after which the turning of a wheel is another one

export function connectScrollEnds(view, turns) {
  view.addEventListener("load", ({ detail: { doc } }) => {
    connectWheel(view, turns, doc);
    connectPull(view, turns, doc);
  });
}

function connectWheel(view, turns, doc) {
  let pulled = 0;
  let last = 0;
  const onWheel = (event) => {
    if (!turns.isScrolled() || event.ctrlKey) return;
    const now = Date.now();
    const forward = event.deltaY > 0;
    if (!isAtEnd(view, forward)) {
      pulled = 0;
      last = now;
      return;
    }
    // the rest of the movement that led to the end does not count
    if (now - last < QUIET && pulled === 0) {
      last = now;
      return;
    }
    pulled += Math.abs(event.deltaY);
    last = now;
    if (pulled < PULLED || turns.isMoving()) return;
    pulled = 0;
    turns.turn(forward);
  };
  doc.addEventListener("wheel", onWheel, { passive: true });
}

function connectPull(view, turns, doc) {
  let start = null;
  doc.addEventListener("touchstart", (event) => {
    const touch = event.changedTouches[0];
    start = { x: touch.screenX, y: touch.screenY, begin: isAtEnd(view, false), end: isAtEnd(view, true) };
  });
  doc.addEventListener("touchend", (event) => {
    if (!start || !turns.isScrolled()) return;
    const touch = event.changedTouches[0];
    const isVertical = isVerticalText(doc);
    const moved = isVertical ? touch.screenX - start.x : start.y - touch.screenY;
    if (moved > PULLED && start.end) turns.turn(true);
    else if (moved < -PULLED && start.begin) turns.turn(false);
    start = null;
  });
}

function isAtEnd(view, forward) {
  const { start, end, viewSize } = view.renderer;
  return forward ? viewSize - end <= 2 : start <= 1;
}

function isVerticalText(doc) {
  return /^vertical|^tb/.test(doc.defaultView.getComputedStyle(doc.body).writingMode);
}
