/* XML, XHTML and HTML as books really have it: decoded, and parsed whatever is wrong with it. */

const HEAD = 4096;
const MOST_DAMAGED = 100; // characters to one that the encoding does not read
const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;
const PREDEFINED = ["amp", "lt", "gt", "quot", "apos"];
const characters = new Map();

/* The text of bytes: UTF-8 where it is valid, else as the document states, with a few damaged bytes too, else GB 18030. */
export function decode(bytes) {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-16be";
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return new TextDecoder(wide).decode(bytes);
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, HEAD));
  const stated =
    /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/i.exec(head) ||
    /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(head);
  const named = stated && stated[1];
  const texts = [
    ["utf-8", true],
    [named, true],
    [named, false],
    ["utf-8", false],
    ["gb18030", true],
  ];
  for (const [name, fatal] of texts) {
    const text = decodeAs(name, bytes, fatal);
    if (text !== null && text.split("\ufffd").length - 1 <= text.length / MOST_DAMAGED) return text;
  }
  return new TextDecoder("utf-8").decode(bytes);
}

function decodeAs(name, bytes, fatal) {
  try {
    return name ? new TextDecoder(name, { fatal }).decode(bytes) : null;
  } catch {
    return null; // the bytes are not in this encoding, or it is not known
  }
}

/* A document of XML; of one that is not well formed, what a parser of HTML makes of it. */
export function parseXml(text) {
  const source = withCharacters(text);
  return parsed(source) || parsed(withEscapedSigns(source)) || asHtml(source);
}

/* A page of a book, read as HTML where it is not well formed, or has no body of XHTML. */
export function parsePage(text) {
  const source = withCharacters(text);
  const page = parsed(source);
  return page && page.body ? page : asHtml(source);
}

/* All elements of a local name, in lower case, with or without a prefix. */
export function elements(root, name) {
  const isHtml = (root.ownerDocument || root).contentType === "text/html"; // where a prefix is part of local names
  const found = isHtml ? [] : root.getElementsByTagNameNS("*", name);
  return found.length ? [...found] : [...root.querySelectorAll("*")].filter((one) => nameOf(one) === name);
}

export function nameOf(element) {
  return localPart(element.localName);
}

/* An attribute by its local name, whatever its prefix; empty where there is none. */
export function attribute(element, name) {
  const plain = element.getAttribute(name);
  if (plain !== null) return plain.trim();
  for (const { localName, value } of element.attributes)
    if (localPart(localName) === name) return value.trim();
  return "";
}

/* All attributes by their local names in lower case; one without a prefix is preferred. */
export function attributes(element) {
  const found = {};
  for (const { name, value } of element.attributes) {
    const local = localPart(name);
    if (name === local || !(local in found)) found[local] = value.trim();
  }
  return found;
}

function localPart(name) {
  return name.slice(name.lastIndexOf(":") + 1).toLowerCase();
}

/* A name or fragment without percent encoding; as it stands where that is damaged, as in "50%". */
export function unquoted(text) {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}

function parsed(source) {
  const made = new DOMParser().parseFromString(source, "application/xml");
  return made.querySelector("parsererror") ? null : made;
}

function asHtml(source) {
  const opened = source
    .replace(/<\?xml[^>]*\?>/, "")
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, text) => escaped(text))
    .replace(/<([A-Za-z][\w:.-]*)([^<>]*)\/>/g, (tag, name, rest) =>
      VOID.test(name) ? tag : `<${name}${rest}></${name}>`
    );
  return new DOMParser().parseFromString(opened, "text/html");
}

function withCharacters(text) {
  // control characters are in no document of XML
  // eslint-disable-next-line no-control-regex
  const source = text.replace(/^\ufeff/, "").replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, " ");
  return source.replace(/^\s+/, "").replace(/&([A-Za-z][\w.-]*);/g, (reference, name) => {
    if (PREDEFINED.includes(name)) return reference;
    if (!characters.has(name)) characters.set(name, characterOf(reference));
    return characters.get(name);
  });
}

function characterOf(reference) {
  const text = new DOMParser().parseFromString(reference, "text/html").documentElement.textContent;
  return text === reference ? reference : escaped(text);
}

function withEscapedSigns(source) {
  return source.replace(/&(?![A-Za-z][\w.-]*;|#)/g, "&amp;").replace(/<(?![A-Za-z_/!?])/g, "&lt;");
}
