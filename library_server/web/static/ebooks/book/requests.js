/* A page of a book asks no server for anything, neither the library nor another. What would is taken out of it, and a
   policy in the page refuses what nobody thought of, such as addresses that are written with escapes in a style. */
import { elements, nameOf } from "../markup.js";

/* Of a page of a book, within that of the reader's own page. */
export const POLICY =
  "default-src 'none'; img-src blob: data:; media-src blob: data:; font-src blob: data:; " +
  "style-src blob: data: 'unsafe-inline'; frame-src blob:; base-uri 'none'; form-action 'none'";
const XHTML = "http://www.w3.org/1999/xhtml",
  XLINK = "http://www.w3.org/1999/xlink";
const INSIDE = /^\s*(#|blob:|data:)/i;
const OUTSIDE_LINK = /^(https?|mailto|tel):/i;
const RESOURCES = /^(src|poster|data|background|href)$/; // attributes that name one resource
const OTHERS =
  /^(srcset|imagesrcset|srcdoc|ping|action|formaction|manifest|base|codebase|classid|archive|longdesc|lowsrc|dynsrc|on[a-z]+)$/;
const ANIMATIONS = /^(animate|set|animatemotion|animatetransform)$/;

/* Whether a link of a book leads to a place outside of it that may be opened in another window. */
export function isOutsideLink(href) {
  return OUTSIDE_LINK.test(href);
}

/* Takes out of a page what would ask a server, and adds the policy. `isPart` tells of a reference whether it is to a part
   of the book, beside those to the page itself and to data within it. */
export function forbidRequests(page, isPart) {
  takeOutRequests(page.documentElement, isPart);
  for (const node of [...page.childNodes])
    if (node.nodeType === Node.PROCESSING_INSTRUCTION_NODE && !isPart(sheetOf(node))) node.remove();
  let [head] = elements(page, "head");
  if (!head) {
    head = page.createElementNS(XHTML, "head");
    page.documentElement.prepend(head);
  }
  const policy = page.createElementNS(XHTML, "meta");
  policy.setAttribute("http-equiv", "Content-Security-Policy");
  policy.setAttribute("content", POLICY);
  head.prepend(policy);
}

/* The reference of an instruction that names a style sheet (Associating Style Sheets with XML documents, 3). */
export function sheetOf({ data }) {
  const match = /(?:^|\s)href\s*=\s*["']([^"']*)["']/i.exec(data || "");
  return match ? match[1] : "";
}

/* Takes what would ask a server out of an element and what is in it. */
export function takeOutRequests(root, isPart) {
  const isInside = (reference) => INSIDE.test(reference) || isPart(reference);
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (isAsking(element)) element.remove();
    else
      for (const attribute of [...element.attributes])
        if (!isKept(element, attribute, isInside)) element.removeAttributeNode(attribute);
  }
}

function isAsking(element) {
  const name = nameOf(element);
  if (name === "script" || name === "base") return true;
  if (name === "meta")
    return (
      element.hasAttribute("http-equiv") && !/^\s*content-type\s*$/i.test(element.getAttribute("http-equiv"))
    );
  if (name === "link") return !/(^|\s)stylesheet(\s|$)/i.test(element.getAttribute("rel") || "");
  return ANIMATIONS.test(name) && /href|src/i.test(element.getAttribute("attributeName") || "");
}

function isKept(element, { localName, namespaceURI, value }, isInside) {
  const name = localName.toLowerCase();
  const isLink = /^(a|area)$/.test(nameOf(element));
  if (name === "href" && isLink)
    return isInside(value)
      ? !/^\s*(data|blob):/i.test(value)
      : namespaceURI !== XLINK && isOutsideLink(value);
  return RESOURCES.test(name) ? isInside(value) : !OTHERS.test(name);
}
