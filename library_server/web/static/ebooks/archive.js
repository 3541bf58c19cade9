/* A ZIP of a book: members are found by references that differ from their names. */
import { decode } from "./markup.js";

export async function openArchive(file, vendor) {
  const zip = await import(`${vendor}foliate-js/vendor/zip.js`);
  zip.configure({ useWebWorkers: false });
  const entries = (await new zip.ZipReader(new zip.BlobReader(file)).getEntries()).filter(
    (entry) => !entry.directory
  );
  return new Archive(entries, () => new zip.BlobWriter());
}

class Archive {
  #entries = new Map();
  #keys = new Map();
  #writer;

  constructor(entries, writer) {
    this.#writer = writer;
    for (const entry of entries) {
      const name = readableName(entry);
      this.#entries.set(name, entry);
      for (const form of [name, entry.filename])
        for (const key of [keyOf(form), keyOf(unquoted(form))])
          if (!this.#keys.has(key)) this.#keys.set(key, name);
    }
  }

  get names() {
    return [...this.#entries.keys()];
  }

  size(name) {
    return this.#entries.has(name) ? this.#entries.get(name).uncompressedSize : 0;
  }

  /* The member that a reference from `base` means; null where there is none. A fragment is left out. */
  resolve(reference, base = "") {
    const folder = base.replace(/\\/g, "/").split("/").slice(0, -1).join("/");
    for (const form of [reference.split("#")[0], reference]) {
      if (!form) continue;
      for (const name of [form, unquoted(form)]) {
        const found = this.#keys.get(keyOf(name.startsWith("/") ? name : `${folder}/${name}`));
        if (found !== undefined) return found;
      }
    }
    return null;
  }

  async blob(name, type = "") {
    const entry = this.#entries.get(name);
    const blob = await entry.getData(this.#writer());
    return new Blob([blob], { type });
  }

  async text(name) {
    return decode(new Uint8Array(await (await this.blob(name)).arrayBuffer()));
  }
}

function readableName(entry) {
  if (entry.filenameUTF8 || !entry.rawFilename) return entry.filename;
  return decode(entry.rawFilename);
}

function unquoted(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function keyOf(name) {
  const parts = [];
  for (const part of name.replace(/\\/g, "/").split("/")) {
    if (part === "..") parts.pop();
    else if (part && part !== ".") parts.push(part);
  }
  return parts.join("/").normalize("NFC").toLowerCase();
}
