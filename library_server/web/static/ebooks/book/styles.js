/* The reading settings as styles of the book's own pages, and as attributes of the paginator of foliate-js. */

const FAMILIES = {
  song: "var(--song)",
  sans: "var(--sans)",
  kai: '"Kaiti SC", "STKaiti", "KaiTi", "AR PL UKai CN", "Noto Serif CJK SC", serif',
};
const MARGINS = { narrow: ["3%", 8], middle: ["7%", 20], wide: ["13%", 36] }; // sides of the width; above, in pixels
const LONGEST_LINE = 40; // characters
const WRITING = { horizontal: "horizontal-tb", vertical: "vertical-rl" };
const LINES = "p,li,blockquote,dd,dt,div,td";
/* What is wider than the page runs over the text of the next one: boxes are as wide at most, and long lines break. */
const BOXES =
  "div,section,article,aside,main,header,footer,nav,figure,figcaption,blockquote,p,pre,ul,ol,li,dl,dd,dt,table,form,fieldset,h1,h2,h3,h4,h5,h6";
const IN_TABLES = "td,th,p,div,span,b,i,strong,em,a,li,code,font,caption"
  .split(",")
  .map((name) => `table[data-narrow] ${name}`)
  .join();
const WIDE = [
  `${BOXES}{max-inline-size:100%!important;min-inline-size:0!important}`,
  "pre,pre *,listing,xmp{white-space:pre-wrap!important}",
  "td,th,pre,code{overflow-wrap:anywhere;word-break:break-word}",
  // as `wide-boxes.js` finds them
  "table[data-narrow],table[data-narrow] *{min-inline-size:0!important;inline-size:auto!important;white-space:normal!important}",
  "table[data-narrow]{border-spacing:0!important;border-collapse:collapse!important}",
  `${IN_TABLES}{font-size:inherit!important;padding-left:1px!important;padding-right:1px!important}`,
  "math[data-narrow]{display:block!important;text-align:center}math[data-narrow]>mrow{display:inline!important}",
  "math[data-narrow]>*,math[data-narrow]>mrow>*{display:inline math}math[data-narrow]>mrow>mo,math[data-narrow]>mo{margin:0 .2em}",
  "table[data-scrolled]{display:block!important;overflow:auto!important;max-inline-size:100%!important}",
].join("\n");

export function applySettings(renderer, settings) {
  const { size } = tokens();
  const pixels = (size * settings.size) / 100;
  const [gap, margin] = MARGINS[settings.margin];
  renderer.setAttribute("flow", settings.flow === "scroll" ? "scrolled" : "paginated");
  renderer.setAttribute("gap", gap);
  renderer.setAttribute("margin", `${margin}px`);
  renderer.setAttribute("max-inline-size", `${Math.round(pixels * LONGEST_LINE)}px`);
  renderer.setAttribute("max-column-count", "2");
  renderer.setStyles(bookStyles(settings, pixels));
}

/* On dark paper the colours that a book chose for a white one are not seen, nor drawings without a ground. */
const ON_DARK = [
  "body *:not(a):not(img):not(svg){color:inherit!important;background-color:transparent!important;border-color:currentColor!important}",
  "img{background-color:#fff!important}",
  "svg[data-drawing]{background-color:#fff!important;color:#000!important}", // as `drawings.js` marks them
].join("\n");
const DARK = 128; // of 255

function bookStyles({ family, line, writing }, pixels) {
  const { read } = tokens();
  const fonts = (name) => FAMILIES[name].replace(/var\((--[a-z]+)\)/, (_, token) => read(token));
  const written = WRITING[writing];
  return [
    `html{color:${read("--ink")}!important;background:${read("--paper")}!important;font-size:${pixels}px!important}`,
    `html{font-family:${fonts("song")}}body{background:none!important;color:inherit!important;font-size:1rem!important}`,
    WIDE,
    `body,${LINES}{line-height:${line}!important}`,
    `a:link,a:visited{color:${read("--bamboo")}}img{max-width:100%;height:auto}::selection{background:${read("--mark")}}`,
    isDark(read("--paper")) ? ON_DARK : "",
    family === "book" ? "" : `body,body *:not(pre):not(code){font-family:${fonts(family)}!important}`,
    written ? `html,body{writing-mode:${written}!important;-webkit-writing-mode:${written}!important}` : "",
  ].join("\n");
}

/* `paper` as in `#fff` or `#171b1a`. */
function isDark(paper) {
  const digits = paper.slice(1).replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3");
  return [0, 2, 4].every((at) => parseInt(digits.slice(at, at + 2), 16) < DARK);
}

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { read, size: parseFloat(read("--size")) };
}
