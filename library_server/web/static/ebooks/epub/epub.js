/* An EPUB for foliate-js, which opens only those without faults: every member gets a plain name, the package document
   is written anew, and references, encodings and pages that are not well formed are repaired as they are read. */
import { EPUB } from "foliate-js/epub.js";

import { openArchive } from "../archive.js";
import { escaped } from "../markup.js";
import { isNotFetched, messageOf } from "../ranges.js";
import { navigationEntries, ncxEntries } from "./contents.js";
import { suffixOf, TYPES, XHTML } from "./media-types.js";
import { notice, pageAround } from "./notices.js";
import { readPackage } from "./package.js";
import { PageWriter } from "./pages.js";

const PACKAGE = "package.opf";
const CONTAINER =
  '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>' +
  `<rootfile full-path="${PACKAGE}" media-type="application/oebps-package+xml"/></rootfiles></container>`;

export async function openEpub(file, messages) {
  const archive = await openArchive(file);
  const epub = new NormalizedEpub(archive, await readPackage(archive), messages);
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
  #opf;
  #messages;
  #writer;
  #names = new Map(); // plain names by member
  #members = new Map(); // members by plain name
  #missing = new Map(); // names of what the spine names and the archive has not, by the plain name of the notice
  #absent = new Map(); // those plain names by the key of the member that is missing
  #labels = new Map(); // names in the table of contents by plain name
  #wrapped = new Map(); // members that are pictures in the spine, by the plain name of the page around them
  #wrappers = new Map(); // those plain names by member

  constructor(archive, opf, messages) {
    this.#archive = archive;
    this.#opf = opf;
    this.#messages = messages;
    archive.names.forEach((member, index) => {
      const plain = `m${index}.${suffixOf(member) || "bin"}`;
      this.#names.set(member, plain);
      this.#members.set(plain, member);
    });
    const nameOf = (reference, base) => this.#names.get(archive.resolve(reference, base)) || null;
    const link = (reference, base) => this.#link(reference, base);
    this.#writer = new PageWriter(link, nameOf, opf.isFixed ? opf.viewport() : null);
  }

  memberOf(plain) {
    return this.#members.get(plain) || this.#wrapped.get(plain);
  }

  async contents() {
    const { navigation, ncx } = this.#opf.contents();
    const readers = [
      ...navigation.map((item) => [item, navigationEntries]),
      ...ncx.map((item) => [item, ncxEntries]),
    ];
    for (const [{ member }, read] of readers) {
      if (!member) continue;
      const entries = await this.#entriesOf(member, read);
      if (entries.length) {
        this.#keepLabels(entries);
        return entries;
      }
    }
    return [];
  }

  /* None of a table of contents that is damaged: the book opens without. */
  async #entriesOf(member, read) {
    try {
      return read(await this.#archive.text(member), (reference) => this.#link(reference, member));
    } catch (error) {
      if (isNotFetched(error)) throw error;
      console.warn(error);
      return [];
    }
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
    const missing = this.#messages.missing.replace("#", this.#labels.get(plain) || fileName(name));
    return notice(messageOf(error, this.#messages) || missing);
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
      if (this.#isPage(member)) return this.#writer.page(text, member);
      if (this.#opf.typeOf(member) === "image/svg+xml") return this.#writer.svg(text, member);
      return /css/.test(this.#opf.typeOf(member)) ? this.#writer.style(text, member) : text;
    } catch (error) {
      console.warn(error);
      return this.#isPage(member) ? this.#noticeOf(plain, member, error) : "";
    }
  }

  /* A picture or font that cannot be read leaves the page that has it. */
  async loadBlob(plain) {
    const member = this.#members.get(plain);
    try {
      if (member) return await this.#archive.blob(member, this.#opf.typeOf(member));
    } catch (error) {
      console.warn(error);
    }
    return new Blob([]);
  }

  #isPage(member) {
    return /html|oeb1-document/.test(this.#opf.typeOf(member)) || TYPES[suffixOf(member)] === XHTML;
  }

  #package() {
    const inSpine = new Set();
    const itemrefs = this.#opf.spine().map(({ item, id, linear, properties }, index) => {
      const plain = this.#spineName(item, index);
      inSpine.add(plain);
      const optional = `${id ? ` id="${escaped(id)}"` : ""}${linear === "no" ? ' linear="no"' : ""}`;
      return `<itemref idref="${plain}"${optional} properties="${escaped(properties)}"/>`;
    });
    const manifest = [...new Set([...this.#members.keys(), ...inSpine])].map((plain) => {
      const type = inSpine.has(plain) ? XHTML : this.#opf.typeOf(this.#members.get(plain));
      return `<item id="${plain}" href="${plain}" media-type="${escaped(type)}"/>`;
    });
    const direction = this.#opf.isRightToLeft() ? ' page-progression-direction="rtl"' : "";
    return (
      '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="uid">' +
      `<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">${this.#opf.metadata()}</metadata>` +
      `<manifest>${manifest.join("")}</manifest><spine${direction}>${itemrefs.join("")}</spine></package>`
    );
  }

  #spineName(item, index) {
    const member = item && item.member;
    if (!member) {
      const plain = `x${index}.xhtml`;
      const reference = item ? item.href : "";
      this.#missing.set(plain, reference);
      if (reference) this.#absent.set(this.#archive.keyOf(reference, this.#opf.name), plain);
      return plain;
    }
    if (!/^image\//.test(this.#opf.typeOf(member))) return this.#names.get(member);
    const plain = `w${index}.xhtml`;
    this.#wrapped.set(plain, member);
    if (!this.#wrappers.has(member)) this.#wrappers.set(member, plain);
    return plain;
  }

  /* The plain address of a reference, with its fragment; null where it means no member. */
  #link(reference, base) {
    const member = this.#archive.resolve(reference, base);
    if (!member) return this.#absent.get(this.#archive.keyOf(reference, base)) || null;
    const fragment = reference.includes("#") ? reference.slice(reference.indexOf("#")) : "";
    return (this.#wrappers.get(member) || this.#names.get(member)) + fragment;
  }

  async #pageOfPicture(member) {
    if (this.#opf.typeOf(member) !== "image/svg+xml")
      return pageAround(`<img src="${this.#names.get(member)}" alt=""/>`);
    return this.#writer.pageOfSvg(await this.#archive.text(member), member);
  }
}

function fileName(name) {
  return name.split(/[\\/]/).pop() || "·";
}
