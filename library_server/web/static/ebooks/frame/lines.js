/* The lines above and below the book: a tap in the middle of the page hides or shows them. What is left is where one
   is, as a button that shows them. */
import { closePanels } from "./panels.js";

const where = document.getElementById("where");

export function connectLines() {
  where.addEventListener(
    "click",
    (event) => {
      if (!areHidden()) return;
      event.stopImmediatePropagation();
      toggleLines();
    },
    true
  );
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Tab" && areHidden()) toggleLines();
  });
}

export function toggleLines() {
  if (closePanels()) return;
  document.body.classList.toggle("bare");
  where.disabled = false;
}

export function areHidden() {
  return document.body.classList.contains("bare");
}
