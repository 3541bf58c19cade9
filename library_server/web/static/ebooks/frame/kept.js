/* What this browser keeps for the reader, as JSON in the local storage. In private mode it holds until the page is left. */

/* The object that is kept under a key; an empty one where there is none, or what is there cannot be read. */
export function readKept(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) || {};
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
