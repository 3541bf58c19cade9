/* Turns a page that stands alone by a tap on its left or right third, as the pages of other books are turned. */
import { closeCoveringPanel, openedPanel } from "../../ebooks/frame/panels.js";
import { hasSelection } from "../../ebooks/turning/taps.js";
import { turningSide } from "./sides.js";

export function connectTaps(viewer, turn) {
  let wasSelected = false;
  // a tap that ends a selection, or that takes one back, is not one on the page
  viewer.main.addEventListener("pointerdown", () => {
    wasSelected = hasSelection(document);
  });
  viewer.main.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button > 0 || event.target.closest("a, button")) return;
    if (wasSelected || hasSelection(document)) return;
    const side = turningSide(viewer, event.clientX - viewer.main.getBoundingClientRect().left);
    if (!side) return;
    if (openedPanel()) closeCoveringPanel();
    turn(side === "left" ? -1 : 1);
  });
}
