/* Media types of the members of an EPUB by their names. */
export const XHTML = "application/xhtml+xml",
  NCX = "application/x-dtbncx+xml";

export const TYPES = {
  xhtml: XHTML, html: XHTML, htm: XHTML, xml: XHTML, css: "text/css", svg: "image/svg+xml", jpg: "image/jpeg",
  jpeg: "image/jpeg", png: "image/png", gif: "image/gif", webp: "image/webp", bmp: "image/bmp", avif: "image/avif",
  mp3: "audio/mpeg", m4a: "audio/mp4", mp4: "video/mp4", ttf: "font/ttf", otf: "font/otf", woff: "font/woff",
  woff2: "font/woff2", ncx: NCX,
}; // prettier-ignore

/* What a name ends with after the last point, in lower case. */
export function suffixOf(name) {
  const match = /\.([a-z0-9]{1,8})$/i.exec(name);
  return match ? match[1].toLowerCase() : "";
}
