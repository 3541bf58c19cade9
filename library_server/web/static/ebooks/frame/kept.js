/* What this browser keeps for the reader, as JSON in the local storage. In private mode it holds until the page is left. */

/* The object that is kept under a key; an empty one where there is none, or something else is there. */
export function readKept(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return isObject(kept) ? kept : {};
  } catch {
    return {};
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch (error) {
    console.warn(error);
  }
}

export function isObject(value) {
  return Boolean(value) && typeof value === "object" && !Array.isArray(value);
}
