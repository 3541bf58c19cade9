/* Turns a page that stands alone by the wheel, where it goes on at the end of the page. */

const PULL = 70; // pixels
const QUIET = 600; // milliseconds after which the turning of a wheel is another one

export function connectWheel(viewer, turn, turnBack) {
  let pulled = 0,
    last = 0;
  const onWheel = ({ ctrlKey, deltaX, deltaY, deltaMode, timeStamp }) => {
    if (ctrlKey || !viewer.geometry.isPaged || Math.abs(deltaX) > Math.abs(deltaY)) return;
    const isOther = timeStamp - last > QUIET;
    const isGoingOn = pulled !== 0 && pulled > 0 === deltaY > 0;
    last = timeStamp;
    // the rest of the movement that led to the end does not count
    if (!viewer.isAtEnd(deltaY) || (!isOther && !isGoingOn)) {
      pulled = 0;
      return;
    }
    pulled = (isGoingOn ? pulled : 0) + deltaY * (deltaMode === 1 ? 16 : 1);
    if (Math.abs(pulled) < PULL) return;
    pulled = 0;
    if (deltaY > 0) turn(1);
    else turnBack();
  };
  viewer.main.addEventListener("wheel", onWheel, { passive: true });
}
