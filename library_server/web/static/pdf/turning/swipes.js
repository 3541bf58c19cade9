/* Turns a page that stands alone by a finger: sideways, or on at the end of a page that is higher than the window. */

const SWIPE = 50; // pixels sideways
const PULL = 70; // pixels on at an end

export function connectSwipes(viewer, turn, turnBack) {
  const { main } = viewer;
  let start = null;
  main.addEventListener(
    "touchstart",
    ({ touches }) => {
      const isFree = touches.length === 1 && viewer.geometry.isPaged && !viewer.isWide;
      const [{ screenX: x, screenY: y }] = touches;
      start = isFree ? { x, y, isAtTop: viewer.isAtEnd(-1), isAtBottom: viewer.isAtEnd(1) } : null;
    },
    { passive: true }
  );
  main.addEventListener(
    "touchmove",
    (event) => {
      if (!start || !event.cancelable) return;
      const [{ screenX, screenY }] = event.touches;
      const isSideways = Math.abs(screenX - start.x) > Math.abs(screenY - start.y);
      if (isSideways) event.preventDefault(); // browsers go back in their history by such a movement
    },
    { passive: false }
  );
  main.addEventListener(
    "touchend",
    ({ touches, changedTouches: [end] }) => {
      if (!start || touches.length || String(getSelection())) return;
      const { isAtTop, isAtBottom, ...point } = start;
      const across = end.screenX - point.x,
        down = end.screenY - point.y;
      start = null;
      if (Math.abs(across) >= SWIPE && Math.abs(across) >= 2 * Math.abs(down)) turn(across < 0 ? 1 : -1);
      else if (viewer.isHigh && Math.abs(down) >= PULL && Math.abs(down) >= 2 * Math.abs(across)) {
        if (down < 0 && isAtBottom) turn(1);
        if (down > 0 && isAtTop) turnBack();
      }
    },
    { passive: true }
  );
}
