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

function bookStyles({ family, line, writing }, pixels) {
  const { read } = tokens();
  const fonts = (name) => FAMILIES[name].replace(/var\((--[a-z]+)\)/, (_, token) => read(token));
  const written = WRITING[writing];
  return [
    `html{color:${read("--ink")}!important;background:${read("--paper")}!important;font-size:${pixels}px!important}`,
    `html{font-family:${fonts("song")}}body{background:none!important;color:inherit!important;font-size:1rem!important}`,
    `body,${LINES}{line-height:${line}!important}`,
    `a:link,a:visited{color:${read("--bamboo")}}img{max-width:100%;height:auto}::selection{background:${read("--mark")}}`,
    family === "book" ? "" : `body,body *:not(pre):not(code){font-family:${fonts(family)}!important}`,
    written ? `html,body{writing-mode:${written}!important;-webkit-writing-mode:${written}!important}` : "",
  ].join("\n");
}

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { read, size: parseFloat(read("--size")) };
}
