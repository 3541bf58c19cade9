/* Sentences of a text by their marks: `Intl.Segmenter`, which could tell them, came with Chrome 87 and Firefox 125. */

const END = /[。！？!?…；;]+[”’」』）)》】"']*|\.+["'”’)\]]*(?=\s)|\n+/g;
const PAUSE = /[，、：,:\s—]/;
const ABBREVIATION = /(^|[\s(（])([A-Z]|Mr|Mrs|Ms|Dr|St|Prof|vs|No|Vol|pp?|etc|e\.g|i\.e)$/;
const WIDE = /[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]/;
const NARROW_WEIGHT = 0.35; // of a letter, to a Chinese character
const SPOKEN =
  /[^\s!-/:-@[-`{-~\u00a0-\u00bf\u2000-\u206f\u2500-\u27bf\u3000-\u303f\uff00-\uff0f\uff1a-\uff20]/;

/* The sentences of a text as `[start, end]`, without spaces around them. */
export function splitSentences(text) {
  const sentences = [];
  let start = 0;
  const add = (end) => {
    const [from, to] = trimmed(text, start, end);
    if (to > from && SPOKEN.test(text.slice(from, to))) sentences.push([from, to]);
    start = end;
  };
  for (const mark of text.matchAll(END)) {
    if (mark[0][0] === "." && ABBREVIATION.test(text.slice(Math.max(start, mark.index - 6), mark.index)))
      continue;
    add(mark.index + mark[0].length);
  }
  add(text.length);
  return sentences;
}

/* The sentences, and of those that would be spoken too long their parts: some voices of Chrome fall silent after about
   15 seconds (Chromium issue 40747712). `most` is in Chinese characters. */
export function splitForSpeech(text, most) {
  return splitSentences(text).reduce((parts, sentence) => parts.concat(cut(text, sentence, most)), []);
}

function cut(text, [start, end], most) {
  const parts = [];
  let from = start,
    weight = 0,
    pause = 0;
  for (let at = start; at < end; at++) {
    weight += WIDE.test(text[at]) ? 1 : NARROW_WEIGHT;
    if (PAUSE.test(text[at])) pause = at + 1;
    if (weight < most) continue;
    const to = pause > from ? pause : at + 1;
    parts.push(trimmed(text, from, to));
    weight = 0;
    at = to - 1;
    from = to;
  }
  if (from < end) parts.push(trimmed(text, from, end));
  return parts.filter(([first, last]) => last > first);
}

function trimmed(text, start, end) {
  while (start < end && /\s/.test(text[start])) start++;
  while (end > start && /\s/.test(text[end - 1])) end--;
  return [start, end];
}
