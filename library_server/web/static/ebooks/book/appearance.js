/* How a book whose text flows looks: it follows the settings and the site at once. */
import { onSettings, settings } from "../frame/settings.js";
import { applySettings } from "./styles.js";
import { showWholeText } from "./whole-text.js";

export function connectAppearance(navigator) {
  const { view } = navigator;
  let { writing } = settings();
  applySettings(view.renderer, settings());
  view.addEventListener("load", ({ detail }) => showWholeText(detail.doc));
  onSettings((changed) => {
    if (changed.writing === writing) applySettings(view.renderer, changed);
    else navigator.run(() => openAnew(view));
    ({ writing } = changed);
  });
}

/* foliate-js asks for the direction of a text once, when it opens it. */
async function openAnew(view) {
  const { cfi } = view.lastLocation || {};
  const { book } = view;
  view.close();
  await view.open(book);
  applySettings(view.renderer, settings());
  await view.init({ lastLocation: cfi, showTextStart: !cfi });
}
