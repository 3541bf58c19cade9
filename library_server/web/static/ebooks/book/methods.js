/* What `ebook-polyfills.js` adds, by what has it. */
export const POLYFILLED_METHODS = [
  [Array.prototype, "at", "findLast", "findLastIndex", "flat", "flatMap"],
  [String.prototype, "at", "matchAll", "replaceAll", "trimEnd", "trimStart"],
  [Object, "fromEntries", "groupBy"],
  [Map, "groupBy"],
  [Promise, "allSettled"],
  [self, "queueMicrotask"],
];
