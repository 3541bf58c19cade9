/* Drawings (SVG) in a page whose text flows. */
import { sizeOfSvg } from "../epub/viewport.js";

/* Lets drawings be made smaller as a whole, and marks those without a picture, which may have no ground of their own. */
export function prepareDrawings(doc) {
  for (const svg of doc.querySelectorAll("svg")) {
    if (!svg.querySelector("image")) svg.setAttribute("data-drawing", "");
    const [width, height] = sizeOfSvg(svg);
    const isWithinAnother = svg.parentElement && svg.parentElement.closest("svg"); // the first of an SVG has no parent
    if (width && !svg.hasAttribute("viewBox") && !isWithinAnother)
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }
}
