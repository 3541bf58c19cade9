/* Shows a book with foliate-js. The page's policy lets no script of the book run and nothing load from outside. */
import "./polyfills.js";
import "foliate-js/view.js";

import { showFailure, showOpened, showProgress } from "./page-state.js";
import { openRemoteFile, Unreachable } from "./remote-file.js";
import { connectTurning } from "./turning.js";

const data = document.body.dataset;
const main = document.getElementById("book");
const where = document.getElementById("where"),
  contents = document.getElementById("contents");

/* `makeBook` turns a `RemoteFile` and messages into a book of foliate-js. */
export async function openReader(makeBook) {
  try {
    const file = await openRemoteFile(data.file, showReceived);
    const view = document.createElement("foliate-view");
    main.append(view);
    await view.open(await makeBook(file, { missing: data.missing, page: data.page }));
    view.renderer.setStyles?.(css());
    view.renderer.setAttribute("max-column-count", "2");
    showContents(view);
    view.addEventListener("relocate", ({ detail }) => notePlace(detail));
    connectTurning(view, document.getElementById("back-page"), document.getElementById("next-page"));
    const place = window.tianyuan?.placeOf(data.place);
    await view.init({ lastLocation: place?.cfi, showTextStart: !place?.cfi });
    showOpened();
  } catch (error) {
    main.querySelector("foliate-view")?.remove();
    showFailure(error, error instanceof Unreachable);
  }
}

function showReceived(bytes) {
  const text = bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  showProgress(data.received.replace("#", text));
}

function css() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return `html{color:${read("--ink")}!important;background:${read("--paper")}!important;font-size:${read("--size")}}
    body{background:none!important;font-family:${read("--song")};line-height:1.75}
    p,li,blockquote,dd{line-height:1.75}a{color:${read("--bamboo")}}img{max-width:100%;height:auto}`;
}

function showContents(view) {
  const empty = contents.querySelector("p"),
    toc = view.book.toc ?? [];
  list(toc, contents.querySelector("ul"), view);
  if (toc.length) empty.remove();
  else empty.textContent = data.bare;
}

function list(items, into, view) {
  items.forEach((item) => {
    const entry = document.createElement("li"),
      link = document.createElement("button");
    link.type = "button";
    link.textContent = item.label?.trim() || "·";
    link.onclick = () => {
      contents.open = false;
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
