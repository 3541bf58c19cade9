/* How a book whose text flows looks: it follows the settings and the site at once. */
import { onSettings, settings } from "../frame/settings.js";
import { prepareDrawings } from "./drawings.js";
import { showColours } from "./legible-colours.js";
import { applySettings } from "./styles.js";
import { showWholeText } from "./whole-text.js";
import { fitWideBoxes } from "./wide-boxes.js";

export function connectAppearance(navigator) {
  const { view } = navigator;
  let { writing } = settings();
  applySettings(view.renderer, settings());
  view.addEventListener("load", ({ detail: { doc } }) => {
    showWholeText(doc);
    prepareDrawings(doc);
  });
  view.addEventListener("create-overlay", () => changePages(view, showColours)); // once it is laid out
  view.addEventListener("relocate", () => changePages(view, fitWideBoxes));
  onSettings((changed) => {
    if (changed.writing === writing) {
      applySettings(view.renderer, changed);
      changePages(view, showColours);
    } else navigator.run(() => openAnew(view));
    ({ writing } = changed);
  });
}

function changePages(view, change) {
  for (const { doc } of view.renderer.getContents()) if (doc && doc.body) change(doc);
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
