/* Which side of the page a point of the window is on, where a tap there turns the page. */

/* "left" or "right" for the outer thirds of a page that stands alone and is not enlarged; null elsewhere. `x` in pixels
   from the left edge of the pages. */
export function turningSide(viewer, x) {
  if (!viewer.geometry.isPaged || viewer.isWide) return null;
  const share = x / viewer.geometry.window.width;
  if (share < 1 / 3) return "left";
  return share > 2 / 3 ? "right" : null;
}
