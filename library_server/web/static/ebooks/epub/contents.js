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
    const named = elements(item, "a")[0] || elements(item, "span")[0];
    const below = children(item, "ol")[0];
    return {
      label: named ? named.textContent.replace(/\s+/g, " ").trim() : "",
      href: named && named.getAttribute("href") ? link(named.getAttribute("href")) : null,
      subitems: below ? entriesOfList(below, link) : null,
    };
  });
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

function children(parent, name) {
  return [...parent.children].filter((child) => nameOf(child) === name);
}
