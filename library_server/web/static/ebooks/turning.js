/* Turns pages in reading order by buttons, keys and swipes: to the left in books that are read from right to left,
   and in vertical text, whose columns follow each other to the left. */

const SWIPE = 40; // pixels

export function connectTurning(view, back, next) {
  let isRightToLeft = view.book.dir === "rtl";
  const turn = (forward) => (forward ? view.next() : view.prev());
  const turnTo = (side) => turn((side === "left") === isRightToLeft);
  const onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") turnTo("left");
    else if (event.key === "ArrowRight") turnTo("right");
    else if (event.key === "PageUp" || event.key === "ArrowUp") turn(false);
    else if (event.key === "PageDown" || event.key === "ArrowDown") turn(true);
    else if (event.key === " ") turn(!event.shiftKey);
    else return;
    event.preventDefault();
  };
  back.onclick = () => turn(false);
  next.onclick = () => turn(true);
  document.addEventListener("keydown", (event) => {
    const isPressed = event.key === " " && /BUTTON|^A$|SUMMARY/.test(event.target.tagName);
    if (!isPressed && !event.target.closest(".panel")) onKey(event);
  });
  view.addEventListener("load", ({ detail }) => {
    const direction = directionOf(detail.doc);
    isRightToLeft = view.book.dir === "rtl" || direction !== "ltr";
    document.body.classList.toggle("rtl", isRightToLeft);
    detail.doc.addEventListener("keydown", onKey);
    // foliate-js turns by swipes itself, but not the pages of a fixed layout, nor sideways in vertical text
    if (view.isFixedLayout || direction === "vertical") connectSwipes(detail.doc, turnTo);
  });
}

function directionOf(page) {
  const body = page.body || page.documentElement;
  const style = page.defaultView.getComputedStyle(body);
  if (/^vertical-rl|^tb/.test(style.writingMode)) return "vertical";
  return style.direction === "rtl" ? "rtl" : "ltr";
}

function connectSwipes(page, turnTo) {
  let start = null;
  // before the listeners of foliate-js, which would scroll the new page by the rest of the movement
  const options = { capture: true };
  const onStart = (event) => {
    start = event.touches.length === 1 ? event.changedTouches[0] : null;
  };
  const onEnd = (event) => {
    if (!start) return;
    const end = event.changedTouches[0];
    const across = end.screenX - start.screenX,
      down = end.screenY - start.screenY;
    start = null;
    if (Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(down)) return;
    event.stopPropagation();
    turnTo(across < 0 ? "right" : "left"); // a finger that moves to the left brings the page on the right
  };
  page.defaultView.addEventListener("touchstart", onStart, options);
  page.defaultView.addEventListener("touchend", onEnd, options);
}
