/* Sizes of text that a book states in pixels, points or words as parts of the reader's own, so that a reader who makes
   the text larger makes all of it larger. */

const PIXELS = 16; // of 1rem, as the publisher saw it
const UNITS = { px: 1, pt: 4 / 3, pc: 16 };
const WORDS = {
  "xx-small": 0.5625, "x-small": 0.625, small: 0.8125, medium: 1, large: 1.125, "x-large": 1.5, "xx-large": 2,
}; // prettier-ignore
const ABSOLUTE = /(\d*\.?\d+)(px|pt|pc)\b/i;

export function withRelativeSizes(css) {
  return css
    .replace(/(font-size\s*:\s*)([^;}!]+)/gi, (_, property, value) => property + relative(value))
    .replace(/((?:^|[{;\s])font\s*:\s*)([^;}!]+)/gi, (_, property, value) => property + relativeFont(value));
}

function relative(value) {
  const word = WORDS[value.trim().toLowerCase()];
  return word ? `${word}rem` : relativeFont(value);
}

/* The size of a font comes before its line height. */
function relativeFont(value) {
  return value.replace(ABSOLUTE, (_, number, unit) => `${(number * UNITS[unit.toLowerCase()]) / PIXELS}rem`);
}
