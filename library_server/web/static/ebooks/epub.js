/* An EPUB for foliate-js, which opens only those without faults: every member gets a plain name, the package document
   is written anew, and references, encodings and pages that are not well formed are repaired as they are read. */
import { EPUB } from "foliate-js/epub.js";

import { openArchive } from "./archive.js";
import { withRelativeSizes } from "./book/relative-sizes.js";
import { navigationEntries, ncxEntries } from "./contents.js";
import { attribute, elements, escaped, parsePage, parseXml } from "./markup.js";
import { Unreachable } from "./remote-file.js";

const MOST_FALLBACKS = 8;
const PACKAGE = "package.opf";
const XHTML = "application/xhtml+xml";
const CONTAINER =
  '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>' +
  `<rootfile full-path="${PACKAGE}" media-type="application/oebps-package+xml"/></rootfiles></container>`;
const TYPES = {
  xhtml: XHTML, html: XHTML, htm: XHTML, xml: XHTML, css: "text/css", svg: "image/svg+xml", jpg: "image/jpeg",
  jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", bmp: "image/bmp", avif: "image/avif",
  mp3: "audio/mpeg", m4a: "audio/mp4", mp4: "video/mp4", ttf: "font/ttf", otf: "font/otf", woff: "font/woff",
  woff2: "font/woff2", ncx: "application/x-dtbncx+xml",
}; // prettier-ignore
const REFERENCES = ["src", "poster", "data"];

export async function openEpub(file, messages) {
  const archive = await openArchive(file);
  const epub = new NormalizedEpub(archive, messages);
  await epub.read();
  const book = await new EPUB({
    loadText: (name) => epub.loadText(name),
    loadBlob: (name) => epub.loadBlob(name),
    getSize: (name) => archive.size(epub.memberOf(name)),
  }).init();
  book.toc = await epub.contents();
  return book;
}

class NormalizedEpub {
  #archive;
  #messages;
  #names = new Map(); // plain names by member
  #members = new Map(); // members by plain name
  #types = new Map(); // media types by member, as the manifest states them
  #missing = new Map(); // names of what the spine names and the archive has not, by the plain name of the notice
  #absent = new Map(); // those plain names by the key of the member that is missing
  #labels = new Map(); // names in the table of contents by plain name
  #wrapped = new Map(); // members that are pictures in the spine, by the plain name of the page around them
  #viewport = "";
  #isFixed = false;
  #opf;
  #opfName;

  constructor(archive, messages) {
    this.#archive = archive;
    this.#messages = messages;
    archive.names.forEach((member, index) => {
      const plain = `m${index}.${suffixOf(member) || "bin"}`;
      this.#names.set(member, plain);
      this.#members.set(plain, member);
    });
  }

  memberOf(plain) {
    return this.#members.get(plain) || this.#wrapped.get(plain);
  }

  async read() {
    this.#opfName = await this.#findPackage();
    this.#opf = parseXml(await this.#archive.text(this.#opfName));
    for (const item of elements(this.#opf, "item")) {
      const member = this.#archive.resolve(attribute(item, "href"), this.#opfName);
      if (member) this.#types.set(member, attribute(item, "media-type").toLowerCase());
    }
    this.#isFixed = await this.#hasFixedLayout();
    this.#viewport = this.#property("rendition:viewport") || resolution(this.#meta("original-resolution"));
  }

  async #findPackage() {
    const container = this.#archive.resolve("META-INF/container.xml");
    const roots = container ? elements(parseXml(await this.#archive.text(container)), "rootfile") : [];
    const isPackage = (root) => attribute(root, "media-type") === "application/oebps-package+xml";
    for (const root of [...roots.filter(isPackage), ...roots]) {
      const member = this.#archive.resolve(attribute(root, "full-path"));
      if (member) return member;
    }
    const depth = (name) => name.split(/[\\/]/).length;
    const packages = this.#archive.names.filter((name) => /\.opf$/i.test(name));
    if (!packages.length) throw new Error("no package document");
    return packages.sort((one, other) => depth(one) - depth(other))[0];
  }

  async #hasFixedLayout() {
    if (this.#property("rendition:layout") === "pre-paginated" || this.#meta("fixed-layout") === "true")
      return true;
    for (const vendor of ["apple.ibooks", "kobobooks"]) {
      const name = this.#archive.resolve(`META-INF/com.${vendor}.display-options.xml`);
      const options = name ? elements(parseXml(await this.#archive.text(name)), "option") : [];
      const fixed = options.find((option) => attribute(option, "name") === "fixed-layout");
      if (fixed && fixed.textContent.trim() === "true") return true;
    }
    return false;
  }

  #property(name) {
    const found = elements(this.#opf, "meta").find((meta) => attribute(meta, "property") === name);
    return found ? found.textContent.trim() : "";
  }

  #meta(name) {
    const found = elements(this.#opf, "meta").find((meta) => attribute(meta, "name") === name);
    return found ? attribute(found, "content") : "";
  }

  #typeOf(member) {
    return this.#types.get(member) || TYPES[suffixOf(member)] || "application/octet-stream";
  }

  async contents() {
    const items = elements(this.#opf, "item");
    const isNavigation = (item) => attribute(item, "properties").split(/\s+/).includes("nav");
    const readers = [
      ...items.filter(isNavigation).map((item) => [item, navigationEntries]),
      ...items
        .filter((item) => attribute(item, "media-type") === TYPES.ncx)
        .map((item) => [item, ncxEntries]),
    ];
    for (const [item, read] of readers) {
      const member = this.#archive.resolve(attribute(item, "href"), this.#opfName);
      if (!member) continue;
      const entries = read(await this.#archive.text(member), (reference) => this.#link(reference, member));
      if (entries.length) {
        this.#keepLabels(entries);
        return entries;
      }
    }
    return [];
  }

  #keepLabels(entries) {
    for (const { label, href, subitems } of entries) {
      const plain = (href || "").split("#")[0];
      if (label && !this.#labels.has(plain)) this.#labels.set(plain, label);
      if (subitems) this.#keepLabels(subitems);
    }
  }

  /* A page in the place of one that cannot be read: which one it is, as the contents or else the file names it. */
  #noticeOf(plain, name, error) {
    if (error instanceof Unreachable) return notice(this.#messages.unreachable);
    return notice(this.#messages.missing.replace("#", this.#labels.get(plain) || fileName(name)));
  }

  async loadText(plain) {
    if (plain === "META-INF/container.xml") return CONTAINER;
    if (plain === PACKAGE) return this.#package();
    if (this.#missing.has(plain)) return this.#noticeOf(plain, this.#missing.get(plain));
    if (this.#wrapped.has(plain)) return this.#pageOfPicture(this.#wrapped.get(plain));
    const member = this.#members.get(plain);
    if (!member) return null;
    try {
      const text = await this.#archive.text(member);
      if (this.#isPage(member)) return this.#page(text, member);
      return /css/.test(this.#typeOf(member)) ? this.#style(text, member) : text;
    } catch (error) {
      console.warn(error);
      return this.#isPage(member) ? this.#noticeOf(plain, member, error) : "";
    }
  }

  /* A picture or font that cannot be read leaves the page that has it. */
  async loadBlob(plain) {
    const member = this.#members.get(plain);
    try {
      if (member) return await this.#archive.blob(member, this.#typeOf(member));
    } catch (error) {
      console.warn(error);
    }
    return new Blob([]);
  }

  #isPage(member) {
    return /html|oeb1-document/.test(this.#typeOf(member)) || TYPES[suffixOf(member)] === XHTML;
  }

  #package() {
    const spine = elements(this.#opf, "spine")[0];
    const items = new Map();
    for (const item of elements(this.#opf, "item"))
      items.set(attribute(item, "id"), [...(items.get(attribute(item, "id")) || []), item]);
    const taken = new Set();
    const references = spine ? elements(spine, "itemref") : [];
    const extra = [];
    const itemrefs = references.map((reference, index) => {
      const plain = this.#spineName(this.#itemOf(reference, items, taken), index);
      if (!this.#members.has(plain)) extra.push(plain);
      const linear = attribute(reference, "linear") === "no" ? ' linear="no"' : "";
      const id = attribute(reference, "id");
      const properties = escaped(attribute(reference, "properties"));
      return `<itemref idref="${plain}"${id ? ` id="${escaped(id)}"` : ""}${linear} properties="${properties}"/>`;
    });
    const inSpine = new Set(itemrefs.map((itemref) => itemref.split('"')[1]));
    const manifest = [...this.#members.keys(), ...extra].map((plain) => {
      const type =
        inSpine.has(plain) || extra.includes(plain) ? XHTML : this.#typeOf(this.#members.get(plain));
      return `<item id="${plain}" href="${plain}" media-type="${escaped(type)}"/>`;
    });
    return (
      '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="uid">' +
      `<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">${this.#metadata()}</metadata>` +
      `<manifest>${manifest.join("")}</manifest><spine${this.#direction(spine)}>${itemrefs.join("")}</spine></package>`
    );
  }

  /* Of several items with one identifier, each reference means the next; of one that is no page, its fallback. */
  #itemOf(reference, items, taken) {
    const named = (items.get(attribute(reference, "idref")) || []).map((item) => withFallback(item, items));
    const there = named.filter((item) => this.#archive.resolve(attribute(item, "href"), this.#opfName));
    const chosen = there.find((item) => !taken.has(item)) || there[0] || named[0];
    if (named.length > 1) taken.add(chosen);
    return chosen;
  }

  #spineName(item, index) {
    const member = item ? this.#archive.resolve(attribute(item, "href"), this.#opfName) : null;
    if (!member) {
      const plain = `x${index}.xhtml`;
      const reference = item ? attribute(item, "href") : "";
      this.#missing.set(plain, reference);
      if (reference) this.#absent.set(this.#archive.keyOf(reference, this.#opfName), plain);
      return plain;
    }
    if (!/^image\//.test(this.#typeOf(member))) return this.#names.get(member);
    this.#wrapped.set(`w${index}.xhtml`, member);
    return `w${index}.xhtml`;
  }

  #metadata() {
    const language = elements(this.#opf, "language")[0];
    const unique = this.#opf.documentElement.getAttribute("unique-identifier");
    const identifiers = elements(this.#opf, "identifier");
    const identifier = identifiers.find((one) => attribute(one, "id") === unique) || identifiers[0];
    const properties = ["spread", "orientation"].filter((name) => this.#property(`rendition:${name}`));
    const metas = properties.map((name) => [name, this.#property(`rendition:${name}`)]);
    if (this.#isFixed) metas.push(["layout", "pre-paginated"]);
    return (
      `<dc:identifier id="uid">${escaped(identifier ? identifier.textContent : "")}</dc:identifier>` +
      `<dc:language>${escaped(language ? language.textContent.trim() : "und")}</dc:language>` +
      metas.map(([name, value]) => `<meta property="rendition:${name}">${escaped(value)}</meta>`).join("")
    );
  }

  #direction(spine) {
    const stated = spine ? attribute(spine, "page-progression-direction") : "";
    const mode = this.#meta("primary-writing-mode");
    const isRightToLeft = stated === "rtl" || (stated !== "ltr" && /-rl$/.test(mode));
    return isRightToLeft ? ' page-progression-direction="rtl"' : "";
  }

  /* The plain address of a reference, with its fragment; null where it means no member. */
  #link(reference, base) {
    const member = this.#archive.resolve(reference, base);
    if (!member) return this.#absent.get(this.#archive.keyOf(reference, base)) || null;
    const wrapped = [...this.#wrapped].find(([, picture]) => picture === member);
    const fragment = reference.includes("#") ? reference.slice(reference.indexOf("#")) : "";
    return (wrapped ? wrapped[0] : this.#names.get(member)) + fragment;
  }

  #page(text, member) {
    const page = parsePage(text);
    for (const element of [...elements(page, "script"), ...elements(page, "base")]) element.remove();
    for (const element of page.querySelectorAll("*")) this.#relink(element, member);
    for (const style of elements(page, "style")) style.textContent = this.#style(style.textContent, member);
    if (this.#isFixed) setViewport(page, this.#viewport);
    return new XMLSerializer().serializeToString(page);
  }

  #relink(element, member) {
    for (const { name, localName, value } of [...element.attributes]) {
      const isPicture = localName === "href" && !/^(a|area|link)$/i.test(element.localName);
      if (localName === "srcset") element.removeAttribute(name);
      else if (localName === "style") element.setAttribute(name, this.#style(value, member));
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
    if (/^(#|[a-z][\w+.-]*:)/i.test(reference)) return null;
    const found = this.#archive.resolve(reference, member);
    return found ? this.#names.get(found) : null;
  }

  #style(css, member) {
    const replaced = (whole, reference) => {
      const target = this.#picture(reference.trim(), member);
      return target ? whole.replace(reference, target) : whole;
    };
    return (this.#isFixed ? css : withRelativeSizes(css))
      .replace(/url\(\s*["']?([^"')]+)["']?\s*\)/gi, replaced)
      .replace(/@import\s+["']([^"']+)["']/gi, replaced);
  }

  async #pageOfPicture(member) {
    if (this.#typeOf(member) !== "image/svg+xml")
      return pageAround(`<img src="${this.#names.get(member)}" alt=""/>`);
    const svg = parseXml(await this.#archive.text(member)).documentElement;
    for (const element of [...elements(svg, "script")]) element.remove();
    for (const element of [svg, ...svg.querySelectorAll("*")]) this.#relink(element, member);
    for (const style of elements(svg, "style")) style.textContent = this.#style(style.textContent, member);
    const [width, height] = sizeOfSvg(svg);
    return pageAround(
      new XMLSerializer().serializeToString(svg),
      width && `width=${width}, height=${height}`
    );
  }
}

function setOrKeep(element, name, value) {
  if (value) element.setAttribute(name, value);
}

function fileName(name) {
  return name.split(/[\\/]/).pop() || "·";
}

function suffixOf(name) {
  const match = /\.([a-z0-9]{1,8})$/i.exec(name);
  return match ? match[1].toLowerCase() : "";
}

export function pageAround(content, viewport = "") {
  const meta = viewport ? `<meta name="viewport" content="${escaped(viewport)}"/>` : "";
  return (
    `<html xmlns="http://www.w3.org/1999/xhtml"><head><title></title>${meta}</head>` +
    `<body style="margin:0">${content}</body></html>`
  );
}

export function notice(message) {
  const style =
    "display:flex;align-items:center;justify-content:center;height:100%;min-height:60vh;font-size:24px";
  return pageAround(`<p style="${style}">${escaped(message)}</p>`, "width=600, height=800");
}

function resolution(text) {
  const match = /^(\d+)x(\d+)$/.exec(text);
  return match ? `width=${match[1]}, height=${match[2]}` : "";
}

function sizeOfSvg(svg) {
  const box = (svg.getAttribute("viewBox") || "").split(/[\s,]+/).map(Number);
  if (box.length === 4 && box[2] > 0 && box[3] > 0) return [box[2], box[3]];
  const [width, height] = ["width", "height"].map((name) => parseFloat(svg.getAttribute(name)));
  return width > 0 && height > 0 ? [width, height] : [0, 0];
}

/* Gives a page of a fixed layout a size that foliate-js reads; without one it takes that of the picture. */
function withFallback(item, items) {
  let shown = item;
  for (let left = MOST_FALLBACKS; shown && left; left--) {
    if (/html|xml|svg|oeb1|^image\//i.test(attribute(shown, "media-type"))) return shown;
    [shown] = items.get(attribute(shown, "fallback")) || [];
  }
  return item;
}

function setViewport(page, fallback) {
  const head = elements(page, "head")[0];
  const metas = elements(page, "meta").filter((meta) => attribute(meta, "name").toLowerCase() === "viewport");
  const stated = metas.map((meta) => attribute(meta, "content")).concat(fallback);
  metas.forEach((meta) => meta.remove());
  let size = stated
    .map((content) => [/width\s*[=:]\s*([\d.]+)/i.exec(content), /height\s*[=:]\s*([\d.]+)/i.exec(content)])
    .filter(([width, height]) => width && height && width[1] > 0 && height[1] > 0)
    .map(([width, height]) => [width[1], height[1]])[0];
  const svg = elements(page, "svg")[0];
  if (!size && svg) size = sizeOfSvg(svg).filter(Boolean);
  if (!size && !elements(page, "img").length) size = [1000, 1400];
  if (!head || !size || size.length < 2) return;
  const meta = page.createElementNS("http://www.w3.org/1999/xhtml", "meta");
  meta.setAttribute("name", "viewport");
  meta.setAttribute("content", `width=${size[0]}, height=${size[1]}`);
  head.append(meta);
}
