/* Shows a book with foliate-js. The page's policy lets no script of the book run and nothing load from outside. */
import "./polyfills.js";
import "foliate-js/view.js";

import { connectAppearance } from "./book/appearance.js";
import { POLYFILLED_METHODS } from "./book/methods.js";
import { hideUntilPlaced } from "./book/showing.js";
import { connectContents } from "./chapters/panel.js";
import { connectSlider } from "./chapters/slider.js";
import { keepLastPages } from "./fixed/kept-pages.js";
import { Zoom } from "./fixed/zoom.js";
import { connectLinks } from "./footnotes/footnotes.js";
import { connectToolbars } from "./frame/toolbars.js";
import { connectPanels } from "./frame/panels.js";
import { connectSettings } from "./frame/settings-panel.js";
import { connectBookNotes } from "./notes/notes.js";
import { showFailure, showOpened, showProgress } from "./page-state.js";
import { Navigator } from "./place/navigator.js";
import { connectPlace, keptPlace, keptSection, openAtPlace } from "./place/place.js";
import { importScript, hasAll } from "./script-loader.js";
import { messageOf } from "./ranges.js";
import { openRemoteFile } from "./remote-file.js";
import { connectSearch } from "./search/search-panel.js";
import { connectSpeech } from "./speech/speech.js";
import { trackPages } from "./text/pages.js";
import { connectTurning } from "./turning/turning.js";

const data = document.body.dataset;
const main = document.getElementById("book");
const TEXT_SETTINGS = ["size", "large", "paper", "family", "line", "margin", "flow", "writing"],
  FIXED_SETTINGS = ["large", "paper", "fit"];

/* `makeBook` turns a `RemoteFile` and messages into a book of foliate-js. */
export async function openReader(makeBook) {
  connectToolbars();
  connectPanels();
  const { missing, page, unreachable, refused } = data;
  try {
    const opening = openRemoteFile(data.file, data.opening, showReceived);
    const [file] = await Promise.all([opening, hasAll(POLYFILLED_METHODS) || importScript(data.polyfills)]);
    const view = document.createElement("foliate-view");
    main.append(view);
    const book = await makeBook(file, { missing, page, unreachable, refused });
    if (isFixed(book)) keepLastPages(book.sections);
    await view.open(book);
    hideUntilPlaced(view);
    const notes = connectBook(new Navigator(view));
    const keepPlaces = connectPlace(view);
    const place = keptPlace(),
      section = keptSection(); // before the first page of the book becomes the place
    await openAtPlace(view, place, section);
    keepPlaces();
    showOpened();
    await notes.openLinked();
  } catch (error) {
    main.querySelector("foliate-view")?.remove();
    showFailure(error, messageOf(error, data) || data.failed);
  }
}

function isFixed({ rendition }) {
  return Boolean(rendition) && rendition.layout === "pre-paginated"; // as foliate-js tells it
}

function connectPassages(navigator) {
  const pages = trackPages(navigator.view);
  connectSearch(navigator, pages);
  return connectBookNotes(navigator, pages, connectSpeech(navigator, pages));
}

function showReceived(bytes, expected) {
  const text = bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  showProgress(data.received.replace("#", text), bytes / expected);
}

/* Returns what was noted in the book. */
function connectBook(navigator) {
  const { view } = navigator;
  const zoom = view.isFixedLayout ? new Zoom(view) : null;
  if (!zoom) connectAppearance(navigator);
  connectSettings(zoom ? FIXED_SETTINGS : TEXT_SETTINGS);
  connectTurning(navigator, zoom);
  connectLinks(navigator);
  connectContents(navigator);
  connectSlider(navigator);
  return connectPassages(navigator);
}
