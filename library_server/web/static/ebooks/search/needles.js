/* What is looked for in the pages of a book: the words as they were typed, and as the book has them, in simplified or
   traditional characters. The library, which compares both as one, says how its text of the book writes them. */
import { fold } from "./folding.js";

const CHINESE = /[\u3400-\u9fff\uf900-\ufaff]/;
const LONGEST_WAIT = 4000; // milliseconds until the words are searched as they were typed

/* The folded words, without what is there twice; rejects never. */
export async function needlesOf(query) {
  const forms = CHINESE.test(query) ? await formsOf(query) : [];
  return [...new Set([query, ...forms].map(foldQuery).filter(Boolean))];
}

export function foldQuery(query) {
  return fold(query.trim()).text.replace(/\n/g, "");
}

async function formsOf(query) {
  const asked = fetch(`${location.pathname}/find?q=${encodeURIComponent(query)}`)
    .then((response) => (response.ok ? response.json() : { forms: [] }))
    .then(({ forms }) => forms)
    .catch((error) => {
      console.warn(error);
      return [];
    });
  return Promise.race([asked, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT, []))]);
}
