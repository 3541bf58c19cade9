/* The table of contents of an EPUB: of its navigation document, or else of its NCX. */
import { attribute, elements, nameOf, parsePage, parseXml } from "../markup.js";

/* Entries as foliate-js has them; `link` gives the address of a reference from the document that is read. */
export function navigationEntries(text, link) {
  const page = parsePage(text);
  const lists = elements(page, "nav");
  const chosen = lists.find((nav) => attribute(nav, "type").split(/\s+/).includes("toc")) || lists[0];
  const list = chosen && elements(chosen, "ol")[0];
  return list ? entriesOfList(list, link) : [];
}

export function ncxEntries(text, link) {
  const ncx = parseXml(text);
  const map = elements(ncx, "navmap")[0];
  return map ? entriesOfPoints(map, link) : [];
}

function entriesOfList(list, link) {
  return children(list, "li").map((item) => {
    const below = children(item, "ol")[0];
    const named = labelOf(item, below);
    const reference = named && named.getAttribute("href");
    return {
      label: named ? named.textContent.replace(/\s+/g, " ").trim() : "",
      href: reference ? link(reference) : null,
      subitems: below ? entriesOfList(below, link) : null,
    };
  });
}

/* The link of an entry, or else what names it: not a link of the entries below it. */
function labelOf(item, below) {
  const own = children(item).filter((child) => child !== below);
  const first = (name) => {
    for (const child of own) {
      const found = nameOf(child) === name ? child : child.firstElementChild && elements(child, name)[0];
      if (found) return found;
    }
    return null;
  };
  return first("a") || first("span");
}

function entriesOfPoints(parent, link) {
  return children(parent, "navpoint").map((point) => {
    const content = elements(point, "content")[0];
    const text = elements(point, "text")[0];
    const below = entriesOfPoints(point, link);
    return {
      label: text ? text.textContent.replace(/\s+/g, " ").trim() : "",
      href: content ? link(content.getAttribute("src") || "") : null,
      subitems: below.length ? below : null,
    };
  });
}

/* The elements in another, of one name or all; a collection of them would take longer. */
function children(parent, name = "") {
  const found = [];
  for (let child = parent.firstElementChild; child; child = child.nextElementSibling)
    if (!name || nameOf(child) === name) found.push(child);
  return found;
}
