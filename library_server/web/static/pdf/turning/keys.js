/* Turns pages by keys and buttons, and connects taps, swipes and the wheel. */
import { connectSwipes } from "./swipes.js";
import { connectTaps } from "./taps.js";
import { connectWheel } from "./wheel.js";

const LINE = 60; // pixels
const OVERLAP = 40; // pixels of the last view that are seen again

export function connectTurning(viewer, zoom, history, find) {
  const turn = (by) => viewer.show(viewer.page + by);
  document.getElementById("back-page").onclick = () => turn(-1);
  document.getElementById("next-page").onclick = () => turn(1);
  const keys = {
    ArrowLeft: () => sideways(viewer, -1) || turn(-1),
    ArrowRight: () => sideways(viewer, 1) || turn(1),
    ArrowUp: () => scroll(viewer, -LINE) || turnBack(viewer),
    ArrowDown: () => scroll(viewer, LINE) || turn(1),
    PageUp: () => scroll(viewer, OVERLAP - viewer.geometry.window.height) || turnBack(viewer),
    PageDown: () => scroll(viewer, viewer.geometry.window.height - OVERLAP) || turn(1),
    Home: () => history.jump(1),
    End: () => history.jump(viewer.geometry.pages),
    "+": () => zoom.in(),
    "=": () => zoom.in(),
    "-": () => zoom.out(),
    0: () => zoom.fit(viewer.geometry.fit),
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f" && find) {
      event.preventDefault();
      find();
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey || isElsewhere(event.target)) return;
    const name = event.key === " " ? (event.shiftKey ? "PageUp" : "PageDown") : event.key;
    if (event.key === " " && /^(BUTTON|A|SUMMARY)$/.test(event.target.tagName)) return;
    if (!Object.prototype.hasOwnProperty.call(keys, name)) return;
    event.preventDefault();
    keys[name]();
  });
  connectTaps(viewer, turn);
  connectSwipes(viewer, turn, () => turnBack(viewer));
  connectWheel(viewer, turn, () => turnBack(viewer));
}

function isElsewhere(target) {
  return /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || Boolean(target.closest(".panel, details"));
}

/* Scrolls within the pages; false at the end of a page that stands alone. */
function scroll({ main, geometry }, by) {
  const before = main.scrollTop;
  main.scrollTop += by;
  return !geometry.isPaged || Math.abs(main.scrollTop - before) >= 1;
}

/* Moves across a page that is wider than the window; false where it is not, or at its edge. */
function sideways({ main }, direction) {
  const before = main.scrollLeft;
  main.scrollLeft += direction * LINE;
  return Math.abs(main.scrollLeft - before) >= 1;
}

function turnBack(viewer) {
  if (viewer.page === 1) return;
  viewer.show(viewer.page - 1);
  viewer.main.scrollTop = viewer.main.scrollHeight; // the end of the page before
}
