/* Chinese numerals in names as digits: 第十二回 is 第12回. */

const SIGNS = "〇零一二三四五六七八九";
const NUMERAL = new RegExp(
  `[${SIGNS}十百]{1,7}(?=[话話卷回册冊集章节節部篇])|([第卷])([${SIGNS}十百]{1,7})`,
  "g"
);

export function withDigits(text) {
  return text.replace(NUMERAL, (whole, before, numeral) =>
    before ? before + digitsOf(numeral) : digitsOf(whole)
  );
}

function digitsOf(numeral) {
  const digits = [...numeral].map((sign) =>
    SIGNS.includes(sign) ? "00123456789"[SIGNS.indexOf(sign)] : sign
  );
  if (!/[十百]/.test(numeral)) return digits.join("");
  const match = /^(?:([1-9])百)?(?:0?([1-9]?)(十))?0?([0-9]?)$/.exec(digits.join(""));
  if (!match) return numeral;
  const [, hundreds, tens, ten, ones] = match;
  return Number(hundreds || 0) * 100 + (ten ? Number(tens || 1) * 10 : 0) + Number(ones || 0);
}
