/* Fetches `ebook-polyfills.js`, a quarter of what a reader would have to load, where the browser lacks some of it. */
import { Unreachable } from "./ranges.js";

/* What `ebook-polyfills.js` adds, by what has it. */
const METHODS = [
  [Array.prototype, "at", "findLast", "findLastIndex", "flat", "flatMap"],
  [String.prototype, "at", "matchAll", "replaceAll", "trimEnd", "trimStart"],
  [Object, "fromEntries", "groupBy"],
  [Map, "groupBy"],
  [Promise, "allSettled"],
  [self, "queueMicrotask"],
];

/* Resolves once the browser has all methods. Rejects with `Unreachable` where those that it lacks do not come. */
export async function loadPolyfills(address) {
  if (METHODS.every(([owner, ...names]) => names.every((name) => name in owner))) return;
  await import(address).catch((error) => {
    throw error instanceof SyntaxError ? error : new Unreachable(error.message);
  });
}
