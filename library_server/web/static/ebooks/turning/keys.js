/* Keys that turn pages, in reading order. */

const LINES = 90; // pixels that an arrow scrolls

/* Listens on the page of the reader; returns the listener, for the pages of the book. */
export function connectKeys(turns) {
  const onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const action = actionOf(event, turns);
    if (!action) return;
    event.preventDefault();
    // a key that is held turns as fast as the pages come, and stops when it is let go
    if (!event.repeat || !turns.isMoving()) action();
  };
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const isPressed = event.key === " " && /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
    const isTyped = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
    if (!isPressed && !isTyped && !target.closest(".panel")) onKey(event);
  });
  return onKey;
}

function actionOf({ key, shiftKey }, turns) {
  if (shiftKey && key.startsWith("Arrow")) return null; // selects words
  if (key === "ArrowLeft") return () => turns.turnTo("left");
  if (key === "ArrowRight") return () => turns.turnTo("right");
  if (key === "PageUp" || (key === " " && shiftKey)) return () => turns.advance(false);
  if (key === "PageDown" || key === " ") return () => turns.advance(true);
  if (key === "ArrowUp") return () => (turns.isScrolled() ? turns.scroll(-LINES) : turns.advance(false));
  if (key === "ArrowDown") return () => (turns.isScrolled() ? turns.scroll(LINES) : turns.advance(true));
  if (key === "Home") return () => turns.jump({ fraction: 0 });
  if (key === "End") return () => turns.jump({ fraction: 1 });
  return null;
}
