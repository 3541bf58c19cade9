/* The package document of an EPUB, found and read whatever is wrong with it. */
import { attribute, attributes, elements, escaped, parseXml } from "../markup.js";
import { isNotFetched } from "../ranges.js";
import { NCX, suffixOf, TYPES } from "./media-types.js";

const MOST_FALLBACKS = 8;
const MOST_PACKAGES = 20;
const DOCUMENT = /^\S+\/(\S+\+)?(x?html|xml|svg|x-oeb1-document)$/i;

export async function readPackage(archive) {
  const opf = await choosePackage(archive);
  opf.isFixed = opf.statesFixedLayout() || (await isFixedByVendor(archive));
  return opf;
}

/* The package document that is the book: the first whose spine names a member, or else whose manifest does; where none
   does, the first that can be read. `Book` of the ingest tools chooses the same. */
async function choosePackage(archive) {
  const packages = [];
  let failure = null;
  for (const name of await findPackages(archive)) {
    try {
      const opf = new Package(archive, name, parseXml(await archive.text(name)));
      if (opf.hasSpine()) return opf;
      packages.push(opf);
    } catch (error) {
      if (isNotFetched(error)) throw error;
      failure = error;
    }
  }
  if (!packages.length) throw failure || new Error("no package document");
  return packages.find((opf) => opf.documents().length) || packages[0];
}

/* The package documents that the container names, those of their media type first, and then all others by how high they
   lie. A PDF that the container names as another form of the book is none. */
async function findPackages(archive) {
  const roots = await elementsOf(archive, "META-INF/container.xml", "rootfile");
  const typeOf = (root) => attribute(root, "media-type").toLowerCase();
  const isPackage = (root) => typeOf(root) === "application/oebps-package+xml";
  const mayBePackage = (root) => /^$|xml/.test(typeOf(root)) || /\.opf$/i.test(attribute(root, "full-path"));
  const stated = [
    ...roots.filter(isPackage),
    ...roots.filter((root) => !isPackage(root) && mayBePackage(root)),
  ];
  const depth = (name) => name.split(/[\\/]/).length;
  const others = archive.names.filter((name) => /(^|[\\/])(?!\._)[^\\/]*\.opf$/i.test(name));
  others.sort((one, other) => depth(one) - depth(other) || (one < other ? -1 : 1));
  const members = stated.map((root) => archive.resolve(attribute(root, "full-path"))).filter(Boolean);
  return [...new Set([...members, ...others])].slice(0, MOST_PACKAGES);
}

async function isFixedByVendor(archive) {
  for (const vendor of ["apple.ibooks", "kobobooks"]) {
    const options = await elementsOf(archive, `META-INF/com.${vendor}.display-options.xml`, "option");
    const fixed = options.find((option) => attribute(option, "name") === "fixed-layout");
    if (fixed && fixed.textContent.trim() === "true") return true;
  }
  return false;
}

/* The elements of a document that a book can do without; none where it is damaged. */
async function elementsOf(archive, document, name) {
  const member = archive.resolve(document);
  try {
    return member ? elements(parseXml(await archive.text(member)), name) : [];
  } catch (error) {
    if (isNotFetched(error)) throw error;
    console.warn(error);
    return [];
  }
}

class Package {
  #document;
  #metas;
  #items; // {id, href, member, type, properties, fallback}, as the manifest has them
  #itemsById = new Map();
  #references; // the attributes of each `itemref` of the spine
  #types = new Map(); // media types by member, as the manifest states them
  isFixed = false;

  constructor(archive, name, document) {
    this.name = name;
    this.#document = document;
    this.#metas = elements(document, "meta");
    this.#items = elements(document, "item").map((element) => {
      const { id = "", href = "", properties = "", fallback = "", ...rest } = attributes(element);
      const type = rest["media-type"] || "";
      return { id, href, member: archive.resolve(href, name), type, properties, fallback };
    });
    const spine = elements(document, "spine")[0];
    this.#references = spine ? elements(spine, "itemref").map(attributes) : [];
    for (const item of this.#items) {
      if (this.#itemsById.has(item.id)) this.#itemsById.get(item.id).push(item);
      else this.#itemsById.set(item.id, [item]);
      if (item.member) this.#types.set(item.member, item.type.toLowerCase());
    }
  }

  typeOf(member) {
    return this.#types.get(member) || TYPES[suffixOf(member)] || "application/octet-stream";
  }

  statesFixedLayout() {
    return this.property("rendition:layout") === "pre-paginated" || this.meta("fixed-layout") === "true";
  }

  property(name) {
    const found = this.#metas.find((meta) => attribute(meta, "property") === name);
    return found ? found.textContent.trim() : "";
  }

  meta(name) {
    const found = this.#metas.find((meta) => attribute(meta, "name") === name);
    return found ? attribute(found, "content") : "";
  }

  /* The items of tables of contents: navigation documents, then those of EPUB 2. */
  contents() {
    return {
      navigation: this.#items.filter(isNavigation),
      ncx: this.#items.filter(({ type }) => type === NCX),
    };
  }

  /* Whether its spine names a member. */
  hasSpine() {
    return this.#references.some(({ idref }) =>
      (this.#itemsById.get(idref) || []).some(({ member }) => member)
    );
  }

  /* The items that are documents and members, other than navigation. */
  documents() {
    return this.#items.filter((item) => item.member && DOCUMENT.test(item.type) && !isNavigation(item));
  }

  /* What the spine names in its order: {item, id, linear, properties}; `item` is undefined where there is none.
     Of several items with one identifier, each reference means the next; of one that is no page, its fallback.
     Where it names no item, all documents. */
  spine() {
    const taken = new Set();
    if (!this.#references.some(({ idref }) => this.#itemsById.has(idref)))
      return this.documents().map((item) => ({ item, id: "", linear: "", properties: "" }));
    return this.#references.map(({ idref = "", id = "", linear = "", properties = "" }) => ({
      item: this.#itemOf(idref, taken),
      id,
      linear,
      properties,
    }));
  }

  #itemOf(id, taken) {
    const named = (this.#itemsById.get(id) || []).map((item) => this.#withFallback(item));
    const there = named.filter((item) => item.member);
    const chosen = there.find((item) => !taken.has(item)) || there[0] || named[0];
    if (named.length > 1) taken.add(chosen);
    return chosen;
  }

  #withFallback(item) {
    let shown = item;
    for (let left = MOST_FALLBACKS; shown && left; left--) {
      if (/html|xml|svg|oeb1|^image\//i.test(shown.type)) return shown;
      [shown] = this.#itemsById.get(shown.fallback) || [];
    }
    return item;
  }

  /* The metadata that foliate-js reads, as XML. */
  metadata() {
    const language = elements(this.#document, "language")[0];
    const unique = this.#document.documentElement.getAttribute("unique-identifier");
    const identifiers = elements(this.#document, "identifier");
    const identifier = identifiers.find((one) => attribute(one, "id") === unique) || identifiers[0];
    const properties = ["spread", "orientation"].filter((name) => this.property(`rendition:${name}`));
    const metas = properties.map((name) => [name, this.property(`rendition:${name}`)]);
    if (this.isFixed) metas.push(["layout", "pre-paginated"]);
    return (
      `<dc:identifier id="uid">${escaped(identifier ? identifier.textContent : "")}</dc:identifier>` +
      `<dc:language>${escaped(language ? language.textContent.trim() : "und")}</dc:language>` +
      metas.map(([name, value]) => `<meta property="rendition:${name}">${escaped(value)}</meta>`).join("")
    );
  }

  /* Whether its pages turn from right to left. */
  isRightToLeft() {
    const spine = elements(this.#document, "spine")[0];
    const stated = spine ? attribute(spine, "page-progression-direction") : "";
    return stated === "rtl" || (stated !== "ltr" && /-rl$/.test(this.meta("primary-writing-mode")));
  }

  /* The size that pages of a fixed layout have which state none. */
  viewport() {
    return this.property("rendition:viewport") || resolution(this.meta("original-resolution"));
  }
}

function isNavigation({ properties }) {
  return properties.split(/\s+/).includes("nav");
}

function resolution(text) {
  const match = /^(\d+)x(\d+)$/.exec(text);
  return match ? `width=${match[1]}, height=${match[2]}` : "";
}
