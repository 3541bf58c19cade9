/* Where outlines and links point to (ISO 32000-1, 12.3.2): a page, and a place on it. */

/* The page and the share of its height of a destination, by name or written out; null where there is none. */
export async function resolveDestination(book, destination) {
  const explicit = typeof destination === "string" ? await book.getDestination(destination) : destination;
  if (!Array.isArray(explicit) || !explicit.length) return null;
  const [target, kind, ...values] = explicit;
  const page = await pageOf(book, target);
  if (!page) return null;
  return { page, share: await shareOf(book, page, kind ? kind.name : "", values) };
}

/* The page alone, for which the page itself is not fetched; null where there is none. */
export async function resolvePage(book, destination) {
  const explicit = typeof destination === "string" ? await book.getDestination(destination) : destination;
  return Array.isArray(explicit) && explicit.length ? pageOf(book, explicit[0]) : null;
}

async function pageOf(book, target) {
  if (Number.isInteger(target)) return target >= 0 && target < book.numPages ? target + 1 : null;
  if (!target || typeof target !== "object") return null;
  return (await book.getPageIndex(target).catch(() => -1)) + 1 || null;
}

async function shareOf(book, page, kind, values) {
  const height =
    kind === "XYZ" ? values[1] : /^FitB?H$/.test(kind) ? values[0] : kind === "FitR" ? values[3] : null;
  if (typeof height !== "number") return 0;
  const viewport = (await book.getPage(page)).getViewport({ scale: 1 });
  const [, top] = viewport.convertToViewportPoint(0, height);
  return Math.max(0, Math.min(0.98, top / viewport.height));
}
