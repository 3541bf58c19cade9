/* Opens a book with foliate-js. The page's policy lets no script of the book run and nothing load from outside. */
import { openComic } from "./ebooks/comic.js";
import { openEpub } from "./ebooks/epub.js";
import { connectTurning } from "./ebooks/turning.js";

const data = document.body.dataset;
const main = document.getElementById("book"),
  status = document.getElementById("status");
const where = document.getElementById("where"),
  contents = document.getElementById("contents");
const messages = { missing: data.missing, page: data.page };

class Unreachable extends Error {}

// foliate-js groups with these, which browsers have since 2023
if (!Map.groupBy)
  Map.groupBy = (items, keyOf) => {
    const groups = new Map();
    for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) || []), item]);
    return groups;
  };
if (!Object.groupBy)
  Object.groupBy = (items, keyOf) => Object.fromEntries(Map.groupBy(items, (item) => String(keyOf(item))));

const css = () => {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return `html{color:${read("--ink")}!important;background:${read("--paper")}!important;font-size:${read("--size")}}
    body{background:none!important;font-family:${read("--song")};line-height:1.75}
    p,li,blockquote,dd{line-height:1.75}a{color:${read("--bamboo")}}img{max-width:100%;height:auto}`;
};
const list = (items, into, view) =>
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

async function fetchFile() {
  const response = await fetch(data.file).catch((error) => {
    throw new Unreachable(error.message);
  });
  if (response.status >= 500) throw new Unreachable(String(response.status));
  if (!response.ok) throw new Error(String(response.status));
  return new File([await response.blob()], "book");
}

async function makeBook(file) {
  if (data.form === "comic") return openComic(file, data.vendor, messages);
  if (data.form === "epub") return openEpub(file, data.vendor, messages);
  const [{ MOBI }, { unzlibSync }] = await Promise.all([
    import(`${data.vendor}foliate-js/mobi.js`),
    import(`${data.vendor}foliate-js/vendor/fflate.js`),
  ]);
  return new MOBI({ unzlib: unzlibSync }).open(file);
}

async function openBook() {
  try {
    const [file] = await Promise.all([fetchFile(), import(`${data.vendor}foliate-js/view.js`)]);
    const view = document.createElement("foliate-view");
    main.append(view);
    await view.open(await makeBook(file));
    view.renderer.setStyles?.(css());
    view.renderer.setAttribute("max-column-count", "2");
    const empty = contents.querySelector("p"),
      toc = view.book.toc ?? [];
    list(toc, contents.querySelector("ul"), view);
    if (toc.length) empty.remove();
    else empty.textContent = data.bare;
    view.addEventListener("relocate", ({ detail }) => {
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
    });
    connectTurning(view, document.getElementById("back-page"), document.getElementById("next-page"));
    const place = window.tianyuan?.placeOf(data.place);
    await view.init({ lastLocation: place?.cfi, showTextStart: !place?.cfi });
    status.remove();
  } catch (error) {
    console.error(error);
    main.querySelector("foliate-view")?.remove();
    status.textContent = error instanceof Unreachable ? data.unreachable : data.failed;
    document.getElementById("instead").hidden = false;
  }
}
openBook();
