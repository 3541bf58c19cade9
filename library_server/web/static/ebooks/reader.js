/* Shows a book with foliate-js. The page's policy lets no script of the book run and nothing load from outside. */
import "./polyfills.js";
import "foliate-js/view.js";

import { applySettings } from "./book/styles.js";
import { closePanels, connectPanels, offerPanel } from "./frame/panels.js";
import { connectSettings } from "./frame/settings-panel.js";
import { onSettings, settings } from "./frame/settings.js";
import { connectBookNotes } from "./notes/notes.js";
import { showFailure, showOpened, showProgress } from "./page-state.js";
import { openRemoteFile, Unreachable } from "./remote-file.js";
import { connectSearch } from "./search/search-panel.js";
import { connectSpeech } from "./speech/speech.js";
import { trackPages } from "./text/pages.js";
import { connectTurning } from "./turning.js";

const data = document.body.dataset;
const main = document.getElementById("book");
const where = document.getElementById("where"),
  contents = document.getElementById("panel-contents");
const TEXT_SETTINGS = ["size", "large", "paper", "family", "line", "margin", "flow", "writing"],
  FIXED_SETTINGS = ["large", "paper"];
const LONGEST_HIDDEN = 1000; // milliseconds

/* `makeBook` turns a `RemoteFile` and messages into a book of foliate-js. */
export async function openReader(makeBook) {
  connectPanels();
  try {
    const file = await openRemoteFile(data.file, showReceived);
    const view = document.createElement("foliate-view");
    main.append(view);
    await view.open(await makeBook(file, { missing: data.missing, page: data.page }));
    hideUntilPlaced(view);
    connectLook(view);
    showContents(view);
    const notes = connectPassages(view);
    view.addEventListener("relocate", ({ detail }) => notePlace(detail));
    connectTurning(view, document.getElementById("back-page"), document.getElementById("next-page"));
    const place = window.tianyuan?.placeOf(data.place);
    await view.init({ lastLocation: place?.cfi, showTextStart: !place?.cfi });
    showOpened();
    await notes.openLinked();
  } catch (error) {
    main.querySelector("foliate-view")?.remove();
    showFailure(error, error instanceof Unreachable);
  }
}

function connectPassages(view) {
  const pages = trackPages(view);
  connectSearch(view, pages);
  return connectBookNotes(view, pages, connectSpeech(view, pages));
}

function showReceived(bytes, expected) {
  const text = bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  showProgress(data.received.replace("#", text), bytes / expected);
}

/* A chapter is laid out in steps: it is shown when it has stood at its place for two frames, so that nothing is seen
   to move. */
function hideUntilPlaced(view) {
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

function connectLook(view) {
  connectSettings(view.isFixedLayout ? FIXED_SETTINGS : TEXT_SETTINGS);
  if (view.isFixedLayout) return;
  applySettings(view.renderer, settings());
  onSettings((changed) => applySettings(view.renderer, changed));
}

function showContents(view) {
  const empty = contents.querySelector("p"),
    toc = view.book.toc ?? [];
  list(toc, contents.querySelector("ul"), view);
  if (toc.length) empty.remove();
  else empty.textContent = data.bare;
  offerPanel("contents");
}

function list(items, into, view) {
  items.forEach((item) => {
    const entry = document.createElement("li"),
      link = document.createElement("button");
    link.type = "button";
    link.textContent = item.label?.trim() || "·";
    link.onclick = () => {
      closePanels();
      if (item.href) view.goTo(item.href);
    };
    entry.append(link);
    into.append(entry);
    if (item.subitems?.length) list(item.subitems, into, view);
  });
}

function notePlace(detail) {
  const chapter = detail.tocItem?.label?.trim() ?? "",
    share = detail.fraction ?? 0;
  where.textContent = [chapter, `${Math.round(share * 100)}%`].filter(Boolean).join(" · ");
  window.tianyuan?.note(data.place, {
    url: location.pathname,
    title: data.title,
    cover: data.cover,
    kind: "book",
    cfi: detail.cfi,
    label: chapter || `${Math.round(share * 100)}%`,
    share,
  });
}
