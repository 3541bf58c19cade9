/* Fetches scripts when they are wanted, among them methods of the language that the browser lacks. */
import { Unreachable } from "./ranges.js";

/* Whether the browser has all of `methods`: lists of what has them, if anything, and of their names. */
export function hasAll(methods) {
  return methods.every(([owner, ...names]) => owner && names.every((name) => name in owner));
}

/* Resolves with the module of a script. Rejects with `Unreachable` where it does not come, and with the browser's
   `SyntaxError` where the browser cannot read it. */
export function importScript(address) {
  return import(address).catch((error) => {
    throw error instanceof SyntaxError ? error : new Unreachable(error.message);
  });
}
