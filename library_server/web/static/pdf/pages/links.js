/* The links of a page: to other pages of the PDF, and out of it. Nothing else that a PDF asks for is done. */
import { data } from "../page-data.js";

export async function addLinks(pageView, page, follow) {
  const annotations = await page.getAnnotations({ intent: "display" });
  const links = annotations.filter(({ subtype, url, dest }) => subtype === "Link" && (url || dest));
  if (!links.length) return;
  const viewport = page.getViewport({ scale: 1 });
  const layer = document.createElement("div");
  layer.className = "page-links";
  for (const annotation of links) layer.append(linkOf(annotation, viewport, follow));
  pageView.addLayer(layer);
}

/* Makes a link lead out of the book, into a window of its own. */
export function leadOutside(link, url) {
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
}

function linkOf({ rect, url, dest, overlaidText, contentsObj }, viewport, follow) {
  const link = document.createElement("a");
  const [left, top, right, bottom] = viewport.convertToViewportRectangle(rect);
  const share = (value, whole) => `${(100 * value) / whole}%`;
  link.style.left = share(Math.min(left, right), viewport.width);
  link.style.top = share(Math.min(top, bottom), viewport.height);
  link.style.width = share(Math.abs(right - left), viewport.width);
  link.style.height = share(Math.abs(bottom - top), viewport.height);
  link.setAttribute("aria-label", overlaidText || (contentsObj && contentsObj.str) || url || data.link);
  if (url) {
    leadOutside(link, url);
    link.title = url;
  } else {
    link.href = "#";
    link.onclick = (event) => {
      event.preventDefault();
      follow(dest);
    };
  }
  return link;
}
