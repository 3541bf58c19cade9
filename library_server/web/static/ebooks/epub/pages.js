/* Pages, pictures and styles of an EPUB, in which every reference is to the plain name of a member. */
import { withRelativeSizes } from "../book/relative-sizes.js";
import { forbidRequests, sheetOf, takeOutRequests } from "../book/requests.js";
import { elements, parsePage, parseXml } from "../markup.js";
import { pageAround } from "./notices.js";
import { setViewport, sizeOfSvg } from "./viewport.js";

const REFERENCES = ["src", "poster", "data"];
const STYLED = /^(style|fill|stroke|filter|mask|clip-path|cursor|marker(-start|-mid|-end)?)$/;
const ABSOLUTE = /^\s*(#|[a-z][\w+.-]*:)/i; // references that are to no member
const IN_STYLE = /^\s*(#|data:)/i; // and those of styles that may stay
const URL_IN_STYLE = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^"')\s]*))\s*\)/gi,
  IMPORTED = /(@import\s+)(?:"([^"]*)"|'([^']*)')/gi;
const PLAIN = /^[mwx]\d+\.[a-z0-9]{1,8}(#|$)/; // names that `epub.js` gives
const isPlain = (reference) => PLAIN.test(reference);

export class PageWriter {
  #link;
  #nameOf;
  #fixedViewport;

  /* `link` gives the plain address of a reference from a member, `nameOf` the plain name of the member that one means;
     both null where there is none. `fixedViewport` is the size of pages that state none, or null where text flows. */
  constructor(link, nameOf, fixedViewport) {
    this.#link = link;
    this.#nameOf = nameOf;
    this.#fixedViewport = fixedViewport;
  }

  get #isFixed() {
    return this.#fixedViewport !== null;
  }

  page(text, member) {
    const page = parsePage(text);
    for (const node of [...page.childNodes])
      if (node.nodeType === Node.PROCESSING_INSTRUCTION_NODE) this.#relinkSheet(node, member);
    this.#rewrite(page.documentElement, member);
    if (this.#isFixed) setViewport(page, this.#fixedViewport);
    forbidRequests(page, isPlain);
    return new XMLSerializer().serializeToString(page);
  }

  /* A page around an SVG. */
  pageOfSvg(text, member) {
    const svg = this.#svg(text, member);
    const [width, height] = sizeOfSvg(svg);
    return pageAround(
      new XMLSerializer().serializeToString(svg),
      width && `width=${width}, height=${height}`
    );
  }

  /* An SVG that a page shows. */
  svg(text, member) {
    return new XMLSerializer().serializeToString(this.#svg(text, member));
  }

  #svg(text, member) {
    const svg = parseXml(text).documentElement;
    this.#rewrite(svg, member);
    takeOutRequests(svg, isPlain);
    return svg;
  }

  style(css, member) {
    const target = (...forms) => {
      const reference = forms.find((form) => form !== undefined);
      if (IN_STYLE.test(reference)) return null;
      return this.#picture(reference.trim(), member) || "data:,";
    };
    return (this.#isFixed ? css : withRelativeSizes(css))
      .replace(URL_IN_STYLE, (whole, ...forms) => {
        const name = target(...forms.slice(0, 3));
        return name ? `url("${name}")` : whole;
      })
      .replace(IMPORTED, (whole, word, ...forms) => {
        const name = target(...forms.slice(0, 2));
        return name ? `${word}"${name}"` : whole;
      });
  }

  #rewrite(root, member) {
    for (const element of [root, ...root.querySelectorAll("*")]) this.#relink(element, member);
    for (const style of elements(root, "style")) style.textContent = this.style(style.textContent, member);
  }

  #relinkSheet(node, member) {
    const reference = sheetOf(node);
    const target = reference && this.#picture(reference, member);
    if (target) node.data = node.data.replace(reference, target);
  }

  #relink(element, member) {
    const isLink = /^(a|area)$/i.test(element.localName);
    for (const { name, localName, value } of [...element.attributes]) {
      if (STYLED.test(localName)) element.setAttribute(name, this.style(value, member));
      else if (REFERENCES.includes(localName)) this.#relinkResource(element, name, value, member);
      else if (localName === "href" && isLink) this.#relinkLink(element, name, value, member);
      else if (localName === "href" && element.localName.toLowerCase() === "link")
        this.#relinkResource(element, name, value, member);
      else if (localName === "href") this.#relinkPicture(element, name, value, member);
    }
  }

  #relinkResource(element, name, value, member) {
    const target = this.#picture(value, member);
    if (target) element.setAttribute(name, target);
    else if (!ABSOLUTE.test(value)) element.removeAttribute(name);
  }

  /* Links of SVG have an `xlink:href`, which foliate-js does not follow. */
  #relinkLink(element, name, value, member) {
    const target = ABSOLUTE.test(value) ? value : this.#link(value, member);
    element.removeAttribute(name);
    if (target) element.setAttribute("href", target);
  }

  /* foliate-js loads what `xlink:href` names, and leaves the `href` of SVG 2 alone. */
  #relinkPicture(element, name, value, member) {
    if (/^\s*#/.test(value)) return;
    const target = ABSOLUTE.test(value) ? value : this.#picture(value, member);
    element.removeAttribute(name);
    if (target) element.setAttributeNS("http://www.w3.org/1999/xlink", "xlink:href", target);
  }

  #picture(reference, member) {
    return ABSOLUTE.test(reference) ? null : this.#nameOf(reference, member);
  }
}
