/* The language of a text by its script, for books that state none or a wrong one. */

const KANA = /[\u3041-\u30ff]/g,
  HANGUL = /[\uac00-\ud7a3]/g,
  HAN = /[\u3400-\u9fff\uf900-\ufaff]/g,
  LETTER = /[A-Za-z\u00c0-\u024f\u0370-\u052f]/g;
const LETTERS_OF_CHARACTER = 4; // letters that weigh as much as a Chinese character

/* The primary language subtag (BCP 47), such as "zh"; `stated` is that of the book, which tells apart languages of one
   script; empty where a text has no letters. */
export function languageOf(text, stated = "") {
  const count = (script) => (text.match(script) || []).length;
  const han = count(HAN),
    kana = count(KANA),
    hangul = count(HANGUL),
    letters = count(LETTER) / LETTERS_OF_CHARACTER;
  const primary = primaryOf(stated);
  if (!han && !kana && !hangul && !letters) return primary;
  if (letters > han + kana + hangul) return isCjk(primary) || !primary ? "en" : primary;
  if (hangul > han + kana) return "ko";
  if (kana * 10 > han || (primary === "ja" && kana === 0)) return "ja";
  return "zh";
}

function isCjk(language) {
  return ["zh", "ja", "ko", "und"].includes(language);
}

/* The primary language of a tag; that of Mandarin (cmn) and Cantonese (yue) is Chinese. */
export function primaryOf(tag) {
  const primary = tag.toLowerCase().replace(/_/g, "-").split("-")[0];
  return ["cmn", "yue", "wuu", "nan"].includes(primary) ? "zh" : primary;
}
