/* Shows a note in a panel over the page when its reference is pressed; other links of the book are followed, and the way
   back is kept. */
import { isOutsideLink } from "../book/requests.js";
import { closePanels, openPanel } from "../frame/panels.js";
import { unquoted } from "../markup.js";
import { isReference, noteOf, plainCopy } from "./notes.js";

const EPUB = "http://www.idpf.org/2007/ops";
const text = document.getElementById("note-text"),
  go = document.getElementById("note-place");

export function connectLinks(navigator) {
  const { view } = navigator;
  view.addEventListener("link", (event) => {
    event.preventDefault();
    follow(navigator, event.detail).catch((error) => console.error(error));
  });
  view.addEventListener("external-link", (event) => {
    event.preventDefault();
    const { href } = event.detail;
    if (isOutsideLink(href)) window.open(href, "_blank", "noopener"); // and no script or data that a book states
  });
  view.addEventListener("load", ({ detail: { doc } }) => {
    connectNotesOfPictures(doc);
    hideNotesInPlace(doc);
  });
}

async function follow(navigator, { a, href }) {
  const note = isReference(a) ? await find(navigator.view, a, href) : null;
  if (!note) {
    closePanels();
    navigator.jump(href);
    return;
  }
  show(plainCopy(note));
  go.hidden = false;
  go.onclick = () => {
    closePanels();
    navigator.jump(href);
  };
}

async function find(view, reference, href) {
  const { index, anchor } = (await view.book.resolveHref(href)) || {};
  if (index === undefined || !anchor) return null;
  const shown = view.renderer.getContents().find((one) => one.index === index);
  const doc = shown ? shown.doc : await view.book.sections[index].createDocument();
  return noteOf(anchor(doc), reference);
}

function show(content) {
  text.replaceChildren(content);
  openPanel("note");
}

/* Books from Chinese shops have notes as descriptions of small pictures. */
function connectNotesOfPictures(doc) {
  for (const image of doc.querySelectorAll("img[class*=footnote],img[zy-footnote]")) {
    const note = image.getAttribute("zy-footnote") || image.getAttribute("alt") || "";
    if (note.trim().length < 2 || image.closest("a[href]")) continue;
    image.setAttribute("data-note", "");
    image.setAttribute("role", "button");
    image.setAttribute("tabindex", "0");
    const open = (event) => {
      if (event.key && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      go.hidden = true;
      show(document.createTextNode(note.trim()));
    };
    image.addEventListener("click", open);
    image.addEventListener("keydown", open);
  }
}

/* A note for a panel (EPUB 3.3, `aside` of the type footnote) does not stand between the paragraphs as well, where a
   reference leads to it. */
function hideNotesInPlace(doc) {
  for (const reference of doc.querySelectorAll('a[href^="#"]')) {
    if (!isReference(reference)) continue;
    const note = doc.getElementById(unquoted(reference.getAttribute("href").slice(1)));
    if (note && note.matches("aside") && /note/.test(note.getAttributeNS(EPUB, "type") || ""))
      note.style.display = "none";
  }
}
