/* A ZIP of a book: members are found by references that differ from their names, and fetched one by one. */
import { inflateSync } from "fflate";
import { decode, unquoted } from "./markup.js";
import { readDirectory } from "./zip-directory.js";

const STORED = 0,
  DEFLATED = 8;
const LOCAL_SIZE = 30,
  SPARE = 64 * 1024; // bytes after a member that are fetched with it rather than asking twice
const SIMPLE = /^\w[\w-]*(\.\w[\w-]*)*(\/\w[\w-]*(\.\w[\w-]*)*)*$/; // names that are paths as they stand
const LARGEST_MEMBER = 512 * 1024 * 1024; // bytes

export async function openArchive(file) {
  return new Archive(file, await readDirectory(file));
}

class Archive {
  #entries = new Map();
  #keys = new Map();
  #file;

  constructor(file, members) {
    this.#file = file;
    for (const member of members) {
      const name = asciiName(member.rawName) || decode(member.rawName);
      if (/[\\/]$/.test(name)) continue; // a folder
      this.#entries.set(name, member);
      this.#keep(keyOf(name), name);
      if (SIMPLE.test(name)) continue; // all forms of the name are one
      for (const form of [name, plainName(member)])
        for (const key of [keyOf(form), keyOf(unquoted(form))]) this.#keep(key, name);
    }
  }

  #keep(key, name) {
    if (!this.#keys.has(key)) this.#keys.set(key, name);
  }

  get names() {
    return [...this.#entries.keys()];
  }

  size(name) {
    return this.#entries.has(name) ? this.#entries.get(name).size : 0;
  }

  /* The member that a reference from `base` means; null where there is none. A fragment is left out. */
  resolve(reference, base = "") {
    for (const form of [reference.split("#")[0], reference]) {
      if (!form) continue;
      for (const name of [form, unquoted(form)]) {
        const found = this.#keys.get(keyFrom(name, base));
        if (found !== undefined) return found;
      }
    }
    return null;
  }

  /* What a reference from `base` means, whether there is such a member or not. */
  keyOf(reference, base = "") {
    return keyFrom(unquoted(reference.split("#")[0]), base);
  }

  async blob(name, type = "") {
    return new Blob([await this.#bytes(name)], { type });
  }

  async text(name) {
    return decode(await this.#bytes(name));
  }

  async #bytes(name) {
    const member = this.#entries.get(name);
    const isReadable = !member.isEncrypted && [STORED, DEFLATED].includes(member.method);
    if (!isReadable || member.size > LARGEST_MEMBER) throw new Error(`cannot be read: ${name}`);
    const packed = await this.#packed(member);
    return member.method === STORED ? packed : inflate(packed, member.size);
  }

  /* The local header has a name and extra field of its own, which may be longer than those of the directory. */
  async #packed({ offset, limit, packed }) {
    const most = offset + LOCAL_SIZE + packed + SPARE;
    const bytes = await this.#file.read(offset, Math.min(limit, most));
    const header = new DataView(bytes.buffer, bytes.byteOffset, LOCAL_SIZE);
    const start = LOCAL_SIZE + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + packed <= bytes.length) return bytes.subarray(start, start + packed);
    return this.#file.read(offset + start, offset + start + packed);
  }
}

async function inflate(packed, size) {
  if (!hasInflate()) return inflateSync(packed, { out: new Uint8Array(size) });
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/* Whether the browser inflates by itself, beside the page: Chrome since 103, Safari since 16.4. */
function hasInflate() {
  try {
    return Boolean(new DecompressionStream("deflate-raw"));
  } catch {
    return false;
  }
}

/* A name of ASCII characters; empty where it has others. */
function asciiName(bytes) {
  return bytes.every((byte) => byte < 0x80) ? String.fromCharCode(...bytes) : "";
}

/* The name as it was meant where no flag says that it is UTF-8 (APPNOTE 4.4.4): one byte, one character. */
function plainName(member) {
  return new TextDecoder(member.isUtf8 ? "utf-8" : "latin1").decode(member.rawName);
}

function keyFrom(name, base) {
  const folder = base.replace(/\\/g, "/").split("/").slice(0, -1).join("/");
  return keyOf(folder && !name.startsWith("/") ? `${folder}/${name}` : name);
}

function keyOf(name) {
  if (SIMPLE.test(name)) return name.toLowerCase();
  const parts = [];
  for (const part of name.replace(/\\/g, "/").split("/")) {
    if (part === "..") parts.pop();
    else if (part && part !== ".") parts.push(part);
  }
  return parts.join("/").normalize("NFC").toLowerCase();
}
