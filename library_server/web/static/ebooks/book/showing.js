/* A chapter is laid out in steps: it is shown when it has stood at its place for two frames, so that nothing is seen
   to move. */

const LONGEST_HIDDEN = 1000; // milliseconds

export function hideUntilPlaced(view) {
  let timer = 0;
  let frame = 0;
  const show = () => {
    clearTimeout(timer);
    view.style.visibility = "";
  };
  view.addEventListener("load", () => {
    clearTimeout(timer);
    view.style.visibility = "hidden";
    timer = setTimeout(show, LONGEST_HIDDEN);
  });
  view.addEventListener("relocate", () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(show);
    });
  });
}
