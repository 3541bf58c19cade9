/* Panels beside the page or over it: contents, search, notes, settings. One is open at a time; Escape and its button
   close it, and the focus goes back to what opened it. */

const COVERING = "(max-width: 819px)";
const listeners = new Map(); // functions by the name of a panel, called when it opens
let opener = null;

export function connectPanels() {
  for (const button of document.querySelectorAll("[data-panel]"))
    button.addEventListener("click", () => togglePanel(button.dataset.panel));
  for (const button of document.querySelectorAll(".panel [data-close]"))
    button.addEventListener("click", () => closePanels());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || !openedPanel()) return; // words that are composed
    event.preventDefault();
    closePanels();
  });
}

/* Shows the button of a panel, which is hidden or does nothing until a reader has something in it. */
export function offerPanel(name) {
  buttonOf(name).hidden = false;
  buttonOf(name).disabled = false;
}

/* Calls `listener` each time before the panel is shown. */
export function onPanel(name, listener) {
  listeners.set(name, [...(listeners.get(name) || []), listener]);
}

export function openPanel(name) {
  const before = document.activeElement;
  hidePanel();
  const panel = document.getElementById(`panel-${name}`);
  opener = buttonOf(name) || before;
  if (buttonOf(name)) buttonOf(name).setAttribute("aria-expanded", "true");
  panel.hidden = false;
  for (const listener of listeners.get(name) || []) listener();
  if (!panel.contains(document.activeElement)) panel.focus({ preventScroll: true });
}

/* Closes the panel that is open; returns whether there was one. */
export function closePanels() {
  const closed = hidePanel();
  if (closed && opener) opener.focus();
  return closed;
}

/* Closes the panel that is open in a window so narrow that it covers what was chosen in it. */
export function closeCoveringPanel() {
  if (matchMedia(COVERING).matches) closePanels();
}

/* The panel that is open, or null. */
export function openedPanel() {
  return document.querySelector(".panel:not([hidden])");
}

export function togglePanel(name) {
  const opened = openedPanel();
  if (opened && opened.id === `panel-${name}`) closePanels();
  else openPanel(name);
}

function hidePanel() {
  const panel = openedPanel();
  if (!panel) return false;
  panel.hidden = true;
  const button = buttonOf(panel.id.replace("panel-", ""));
  if (button) button.setAttribute("aria-expanded", "false");
  return true;
}

function buttonOf(name) {
  return document.querySelector(`[data-panel="${name}"]`);
}
