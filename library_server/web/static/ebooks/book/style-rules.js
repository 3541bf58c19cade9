/* The style rules of a page of a book. */

/* Those that hold on a screen, in style sheets that they import and in groups as well. */
export function* styleRules(sheet) {
  let rules = [];
  try {
    rules = sheet.cssRules || [];
  } catch (error) {
    console.warn(error); // a sheet that did not come
  }
  for (const rule of rules) {
    if (rule.media && !matchMedia(rule.media.mediaText || "all").matches) continue; // such as those of print
    if (rule.style && rule.selectorText) yield rule;
    if (rule.styleSheet) yield* styleRules(rule.styleSheet);
    else if (rule.cssRules) yield* styleRules(rule);
  }
}

export function matching(doc, selector) {
  try {
    return doc.querySelectorAll(selector);
  } catch {
    return []; // of an element that is not in the document, such as `::before`
  }
}
