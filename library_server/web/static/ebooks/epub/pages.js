/* Pages, pictures and styles of an EPUB, in which every reference is to the plain name of a member. */
import { withRelativeSizes } from "../book/relative-sizes.js";
import { elements, parsePage, parseXml } from "../markup.js";
import { pageAround } from "./notices.js";
import { setViewport, sizeOfSvg } from "./viewport.js";

const REFERENCES = ["src", "poster", "data"];

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
    for (const element of [...elements(page, "script"), ...elements(page, "base")]) element.remove();
    for (const element of page.querySelectorAll("*")) this.#relink(element, member);
    for (const style of elements(page, "style")) style.textContent = this.style(style.textContent, member);
    if (this.#isFixed) setViewport(page, this.#fixedViewport);
    return new XMLSerializer().serializeToString(page);
  }

  /* A page around an SVG. */
  pageOfSvg(text, member) {
    const svg = parseXml(text).documentElement;
    for (const element of elements(svg, "script")) element.remove();
    for (const element of [svg, ...svg.querySelectorAll("*")]) this.#relink(element, member);
    for (const style of elements(svg, "style")) style.textContent = this.style(style.textContent, member);
    const [width, height] = sizeOfSvg(svg);
    return pageAround(
      new XMLSerializer().serializeToString(svg),
      width && `width=${width}, height=${height}`
    );
  }

  style(css, member) {
    const replaced = (whole, reference) => {
      const target = this.#picture(reference.trim(), member);
      return target ? whole.replace(reference, target) : whole;
    };
    return (this.#isFixed ? css : withRelativeSizes(css))
      .replace(/url\(\s*["']?([^"')]+)["']?\s*\)/gi, replaced)
      .replace(/@import\s+["']([^"']+)["']/gi, replaced);
  }

  #relink(element, member) {
    for (const { name, localName, value } of [...element.attributes]) {
      const isPicture = localName === "href" && !/^(a|area|link)$/i.test(element.localName);
      if (localName === "srcset") element.removeAttribute(name);
      else if (localName === "style") element.setAttribute(name, this.style(value, member));
      else if (isPicture) this.#relinkPicture(element, name, value, member);
      else if (REFERENCES.includes(localName)) setOrKeep(element, name, this.#picture(value, member));
      else if (localName === "href" && !/^(#|[a-z][\w+.-]*:)/i.test(value)) {
        const target = this.#link(value, member);
        if (target) element.setAttribute(name, target);
        else element.removeAttribute(name);
      }
    }
  }

  /* foliate-js loads what `xlink:href` names, and leaves the `href` of SVG 2 alone. */
  #relinkPicture(element, name, value, member) {
    const target = this.#picture(value, member);
    if (!target) return;
    element.removeAttribute(name);
    element.setAttributeNS("http://www.w3.org/1999/xlink", "xlink:href", target);
  }

  #picture(reference, member) {
    return /^(#|[a-z][\w+.-]*:)/i.test(reference) ? null : this.#nameOf(reference, member);
  }
}

function setOrKeep(element, name, value) {
  if (value) element.setAttribute(name, value);
}
