/* Gives a page of a fixed layout a size that foliate-js reads; without one it takes that of the picture. */
import { attribute, elements } from "../markup.js";

export function setViewport(page, fallback) {
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

export function sizeOfSvg(svg) {
  const box = (svg.getAttribute("viewBox") || "").split(/[\s,]+/).map(Number);
  if (box.length === 4 && box[2] > 0 && box[3] > 0) return [box[2], box[3]];
  const [width, height] = ["width", "height"].map((name) => parseFloat(svg.getAttribute(name)));
  return width > 0 && height > 0 ? [width, height] : [0, 0];
}
