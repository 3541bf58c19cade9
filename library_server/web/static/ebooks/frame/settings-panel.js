/* The panel of settings: shows what holds, and changes it at once. */
import { offerPanel } from "./panels.js";
import { changeSettings, onSettings, settings } from "./settings.js";
import { isLarge, setLarge } from "./site-appearance.js";

/* Offers the panel; `names` are the settings that the reader knows, as their controls are named. */
export function connectSettings(names) {
  const form = document.getElementById("reading-settings");
  for (const group of form.querySelectorAll(".choice"))
    group.hidden = ![...group.querySelectorAll("[name]")].some((control) => names.includes(control.name));
  form.addEventListener("change", ({ target }) => {
    if (target.name === "large") changeLarge(target.checked);
    else changeSettings({ [target.name]: target.value });
  });
  for (const button of form.querySelectorAll("[data-step]"))
    button.onclick = () => changeSettings({ size: settings().size + Number(button.dataset.step) });
  form.addEventListener("submit", (event) => event.preventDefault());
  onSettings(() => show(form));
  show(form);
  offerPanel("settings");
}

function changeLarge(checked) {
  setLarge(checked);
  changeSettings({}); // the text of the book follows
}

function show(form) {
  const current = settings();
  for (const input of form.querySelectorAll("input[type=radio]"))
    input.checked = String(current[input.name]) === input.value;
  form.elements.large.checked = isLarge();
  form.elements.size.value = `${current.size}%`;
}
