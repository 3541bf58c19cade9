/* The toolbars above and below the book: a tap in the middle of the page hides or shows them. What is left is where one
   is, as a button that shows them. */
import { closePanels } from "./panels.js";

const where = document.getElementById("where");

export function connectToolbars() {
  where.addEventListener(
    "click",
    (event) => {
      if (!areToolbarsHidden()) return;
      event.stopImmediatePropagation();
      toggleToolbars();
    },
    true
  );
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Tab" && areToolbarsHidden()) toggleToolbars();
  });
}

export function toggleToolbars() {
  if (closePanels()) return;
  document.body.classList.toggle("bare");
  where.disabled = false;
}

export function areToolbarsHidden() {
  return document.body.classList.contains("bare");
}
