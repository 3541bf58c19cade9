/* Turns pages in reading order by buttons, keys, taps and swipes: to the left in books that are read from right to left,
   and in vertical text, whose columns follow each other to the left. */
import { toggleToolbars } from "../frame/toolbars.js";
import { closePanels, openedPanel } from "../frame/panels.js";
import { settings } from "../frame/settings.js";
import { connectKeys } from "./keys.js";
import { connectScrollEnds } from "./scroll-ends.js";
import { connectSwipes } from "./swipes.js";
import { connectTaps } from "./taps.js";

const TWO_TAPS = 280; // milliseconds between two taps that belong together

/* `zoom` is that of a fixed layout, or null. */
export function connectTurning(navigator, zoom) {
  const { view } = navigator;
  let isRightToLeft = view.book.dir === "rtl";
  const turns = {
    turn: (forward) => navigator.turn(forward),
    /* within a page that is larger than the window first */
    advance: (forward) => {
      if (!(zoom && zoom.scroll(forward, isRightToLeft))) navigator.turn(forward);
    },
    turnTo: (side) => turns.advance((side === "left") === isRightToLeft),
    swipeTo: (side) => navigator.turn((side === "left") === isRightToLeft),
    scroll: (distance) => navigator.turn(distance > 0, Math.abs(distance)),
    jump: (target) => navigator.jump(target),
    isMoving: () => navigator.isMoving,
    isScrolled: () => !view.isFixedLayout && settings().flow === "scroll",
    isZoomed: () => Boolean(zoom && zoom.isLarger()),
    middle: middleTap(zoom),
  };
  document.getElementById("back-page").onclick = () => turns.turn(false);
  document.getElementById("next-page").onclick = () => turns.turn(true);
  const onKey = connectKeys(turns);
  connectTaps(view, turns);
  connectSwipes(view, document, turns); // in the margins of a wide window
  connectScrollEnds(view, turns);
  view.addEventListener("load", ({ detail }) => {
    isRightToLeft = isReadToTheLeft(view, detail.doc);
    document.body.classList.toggle("rtl", isRightToLeft);
    detail.doc.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !openedPanel()) return onKey(event);
      event.preventDefault();
      closePanels();
    });
    connectSwipes(detail.doc.defaultView, detail.doc, turns);
  });
}

/* One tap in the middle hides or shows the toolbars; of pages that can be larger, two taps make them so. */
function middleTap(zoom) {
  let timer = 0;
  return (x, y) => {
    if (!zoom) {
      toggleToolbars();
    } else if (timer) {
      clearTimeout(timer);
      timer = 0;
      zoom.toggle(x, y);
    } else
      timer = setTimeout(() => {
        timer = 0;
        toggleToolbars();
      }, TWO_TAPS);
  };
}

function isReadToTheLeft(view, page) {
  const body = page.body || page.documentElement;
  const style = page.defaultView.getComputedStyle(body);
  if (/^vertical-rl|^tb/.test(style.writingMode) || style.direction === "rtl") return true;
  return view.book.dir === "rtl" && (view.isFixedLayout || settings().writing === "book");
}
