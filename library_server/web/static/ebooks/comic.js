/* A comic for foliate-js: the pictures of a ZIP in the order of `ingest_tools/formats/ebooks/comics/pages.py`. */
import { openArchive } from "./archive.js";
import { withDigits } from "./chapters/numerals.js";
import { notice, pageAround } from "./epub/notices.js";
import { elements, parseXml } from "./markup.js";
import { messageOf } from "./ranges.js";

const PICTURES = /\.(jpg|jpeg|jpe|jfif|png|gif|webp|bmp|avif)$/i;
const COVER = /(^|\/)((front[ _-]?)?cover|封面)\.[^./]+$/i;
const TYPES = { jpe: "jpeg", jpg: "jpeg", jfif: "jpeg" };
const FEWEST_BYTES = 12;

export async function openComic(file, messages) {
  const archive = await openArchive(file);
  const names = pageNames(archive.names);
  if (!names.length) throw new Error("no pictures");
  const urls = new Map();
  const load = async (name) => {
    if (!urls.has(name)) urls.set(name, await pageOf(archive, name, messages));
    return urls.get(name)[0];
  };
  const unload = (name) => {
    (urls.get(name) || []).forEach((url) => URL.revokeObjectURL(url));
    urls.delete(name);
  };
  const info = await comicInfo(archive);
  return {
    metadata: { language: info.language },
    dir: info.isRightToLeft ? "rtl" : "ltr",
    rendition: { layout: "pre-paginated", spread: "none" },
    sections: names.map((name) => ({
      id: name,
      load: () => load(name),
      unload: () => unload(name),
      size: archive.size(name),
    })),
    toc: names.map((name, index) => ({ label: messages.page.replace("#", index + 1), href: name })),
    resolveHref: (href) => ({ index: names.indexOf(href) }),
    splitTOCHref: (href) => [href, null],
    getTOCFragment: (page) => page.documentElement,
    destroy: () => names.forEach(unload),
  };
}

export function pageNames(members) {
  const isPage = (name) => {
    const folders = name.replace(/\\/g, "/").split("/");
    const hidden = folders.some((folder) => folder.startsWith(".") || folder.toLowerCase() === "__macosx");
    return PICTURES.test(name) && !hidden;
  };
  const pages = members.filter(isPage).sort((one, other) => compare(keyOf(one), keyOf(other)));
  const isCover = (name) => COVER.test(name.replace(/\\/g, "/"));
  return [...pages.filter(isCover), ...pages.filter((name) => !isCover(name))];
}

async function pageOf(archive, name, messages) {
  const type = name.split(".").pop().toLowerCase();
  try {
    const picture = await archive.blob(name, `image/${TYPES[type] || type}`);
    const url = URL.createObjectURL(picture);
    if (picture.size < FEWEST_BYTES || !(await isShown(url))) throw new Error(`no picture: ${name}`);
    const page = new Blob([pageAround(`<img src="${url}" alt=""/>`)], { type: "application/xhtml+xml" });
    return [URL.createObjectURL(page), url];
  } catch (error) {
    console.warn(error);
    const missing = messages.missing.replace("#", name.split(/[\\/]/).pop());
    const message = messageOf(error, messages) || missing;
    const page = new Blob([notice(message)], { type: "application/xhtml+xml" });
    return [URL.createObjectURL(page)];
  }
}

function isShown(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.naturalWidth > 0);
    image.onerror = () => resolve(false);
    image.src = url;
  });
}

async function comicInfo(archive) {
  const name = archive.names.find((member) => /(^|[\\/])comicinfo\.xml$/i.test(member));
  if (!name) return {};
  try {
    const info = parseXml(await archive.text(name));
    const value = (element) => (elements(info, element)[0] || { textContent: "" }).textContent.trim();
    return {
      isRightToLeft: /RightToLeft/i.test(value("manga")),
      language: value("languageiso") || undefined,
    };
  } catch (error) {
    console.warn(error); // a comic opens without its description
    return {};
  }
}

/* Chunks of digits are numbers: `2.jpg` comes before `10.jpg`, 第二回 before 第十回, and the files of a folder stay
   together, as in `library_server/catalogue/parts/natural_order.py`. */
function keyOf(name) {
  const parts = name.replace(/\\/g, "/").toLowerCase().split("/");
  const file = parts.pop();
  const dot = file.lastIndexOf(".");
  return [...parts, file.slice(0, dot), file.slice(dot + 1)].map((part) =>
    plainForm(part)
      .split(/([0-9]+)/)
      .filter(Boolean)
      .map((chunk) => {
        const digits = chunk.replace(/^0+/, "");
        return /^[0-9]/.test(chunk) ? [0, digits.length, digits] : [1, 0, chunk];
      })
  );
}

function plainForm(part) {
  const numbered = part
    .normalize("NFKC")
    .replace(/^[上中下](?=[卷册冊集部篇]|$)/, (place) => "上中下".indexOf(place) + 1);
  return withDigits(numbered);
}

function compare(one, other) {
  if (!Array.isArray(one)) return one < other ? -1 : one > other ? 1 : 0;
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const order = compare(one[index], other[index]);
    if (order) return order;
  }
  return one.length - other.length;
}
