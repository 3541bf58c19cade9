/* Text as it is compared in a search: without case, accents, width and the kinds of quotes and dashes. */

const IGNORED = [
  [0xad, 0xad], // soft hyphen
  [0x300, 0x36f], // accents
  [0x200b, 0x200f], // without width
  [0x2060, 0x2060],
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff],
];
const SAME = {};
for (const [plain, others] of [
  ["'", "‘’‚‛′`´"],
  ['"', "“”„‟″「」『』〝〞"],
  ["-", "‐‑‒–—―−─"],
  ["·", "・•‧∙"],
  ["~", "〜～∼"],
])
  for (const other of others) SAME[other] = plain;
const CJK = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const folded = new Map();

/* The folded text, and for each of its characters where it begins and ends in the text. Spaces are one, and none next
   to Chinese characters, since books break lines between them; a line feed stays. */
export function fold(text) {
  const parts = [],
    starts = [],
    ends = [];
  let space = null;
  const put = (character, start, end) => {
    for (const unit of character) {
      parts.push(unit);
      for (let index = 0; index < unit.length; index++) {
        starts.push(start);
        ends.push(end);
      }
    }
  };
  for (let at = 0; at < text.length;) {
    const source = String.fromCodePoint(text.codePointAt(at));
    const end = at + source.length;
    if (source !== "\n" && /\s/.test(source)) space = space || [at, end];
    else {
      const character = foldCharacter(source);
      if (character) {
        const last = parts[parts.length - 1];
        if (space && last && last !== "\n" && character !== "\n" && !CJK.test(last) && !CJK.test(character))
          put(" ", ...space);
        space = null;
        put(character, at, end);
      }
    }
    at = end;
  }
  return { text: parts.join(""), starts, ends };
}

function foldCharacter(source) {
  const code = source.charCodeAt(0);
  if (code === 10 || (code >= 0x4e00 && code <= 0x9fff)) return source;
  if (!folded.has(source)) {
    const plain = SAME[source] || source.toLowerCase().normalize("NFKC");
    const bare = [...plain.normalize("NFD")].filter((unit) => !isIgnored(unit)).join("");
    folded.set(source, [...bare.normalize("NFC")].map((unit) => SAME[unit] || unit).join(""));
  }
  return folded.get(source);
}

function isIgnored(unit) {
  const code = unit.codePointAt(0);
  return IGNORED.some(([first, last]) => code >= first && code <= last);
}

/* Where a folded query stands in a folded text, as `[start, end]` in the text itself; at most `most`. */
export function findAll(page, query, most) {
  const found = [];
  let at = query ? page.text.indexOf(query) : -1;
  while (at >= 0 && found.length < most) {
    found.push([page.starts[at], page.ends[at + query.length - 1]]);
    at = page.text.indexOf(query, at + query.length);
  }
  return found;
}

/* Where one of several queries stands, as above and in the order of the text; of places that overlap, the first. */
export function findAny(page, queries, most) {
  const places = [].concat(...queries.map((query) => findAll(page, query, most)));
  places.sort((one, other) => one[0] - other[0] || other[1] - one[1]);
  return places.filter(([start], index) => !index || start >= places[index - 1][1]).slice(0, most);
}
