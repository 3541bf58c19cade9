/* Styles of a book that were made for one screen and hide text in pages: boxes of a fixed height, boxes that float over
   the page, lines that do not break or lie on each other, text that is moved out of the page. They are taken back where
   text stands in them; pictures and small boxes, such as numbers of printed pages, stay as they are. */
import { matching, styleRules } from "./style-rules.js";

const ROOTS = {
  visibility: "visible", opacity: "1", position: "static", float: "none", transform: "none", zoom: "1",
  "clip-path": "none", "content-visibility": "visible",
}; // prettier-ignore
const BODY = {
  display: "block", overflow: "visible", width: "auto", "min-width": "0", height: "auto", "min-height": "0",
  "column-count": "auto", "column-width": "auto",
}; // prettier-ignore
const LONG_TEXT = 80; // characters; a shorter text may stand anywhere on a page
const LONG_LINE = 20;
const SMALL = 24; // pixels: a lower box hides its text on purpose
const FAR = { px: 100, pt: 75, em: 8, rem: 8, "%": 40, vw: 40, vh: 40 }; // of a negative distance
const SHIFTS = ["text-indent", "margin-left", "margin-right"];
const TIGHT = { "": 1, em: 1, rem: 1, "%": 100 }; // a line height below which lines lie on each other
const STATED = /position|display|height|overflow|white-space|indent|margin|font/i;
const NOT_TEXT = "svg,svg *,math,math *,img,video,audio,canvas,html,body";

/* Changes a page of a book whose text flows, before it is laid out. */
export function showWholeText(doc) {
  setAll(doc.documentElement, Object.assign({ display: "block" }, ROOTS));
  setAll(doc.body, Object.assign({}, ROOTS, BODY));
  for (const sheet of doc.styleSheets)
    for (const rule of styleRules(sheet)) {
      showSideways(rule.style);
      const changes = changesOf(rule.style);
      if (changes.length) change(matching(doc, rule.selectorText), changes);
    }
  for (const element of doc.querySelectorAll("[style]")) {
    if (!STATED.test(element.getAttribute("style"))) continue;
    const changes = changesOf(element.style);
    if (changes.length) change([element], changes);
  }
}

/* What is to be changed, `{ longer, set }`: properties of elements with more text than `longer`. */
function changesOf(style) {
  const changes = [];
  const add = (longer, set) => changes.push({ longer, set });
  const position = style.getPropertyValue("position");
  if (/fixed|sticky/.test(position)) add(0, { position: "static" });
  if (position === "absolute") add(LONG_TEXT, { position: "static" });
  if (/^inline-(block|flex|grid|table)$/.test(style.getPropertyValue("display")))
    add(LONG_TEXT, { display: "block" });
  addHeight(style, add);
  const spaces = style.getPropertyValue("white-space");
  if (/^(nowrap|pre)$/.test(spaces))
    add(LONG_LINE, { "white-space": spaces === "pre" ? "pre-wrap" : "normal" });
  if (isTight(style.getPropertyValue("line-height"))) add(LONG_LINE, { "line-height": "inherit" });
  for (const name of SHIFTS) if (isFar(style.getPropertyValue(name))) add(0, { [name]: "0" });
  return changes;
}

/* A box that is higher than the page cannot be broken where it scrolls, and what is more than it holds is cut. */
function addHeight(style, add) {
  const height = style.getPropertyValue("height");
  const highest = style.getPropertyValue("max-height");
  const isCut = /hidden|clip|auto|scroll/.test(style.overflow + style.overflowY);
  if ([height, highest].some(isSmall)) return;
  const isSet = Boolean(height) && height !== "auto";
  if (isCut || isSet || highest) {
    const set = { "max-height": "none" };
    if (isCut) Object.assign(set, { overflow: "visible" });
    if (isSet) Object.assign(set, { height: "auto", "min-height": height });
    add(LONG_TEXT, set);
  }
}

function isSmall(length) {
  const [, number, unit] = /^([\d.]+)(px|em|rem|%)?$/.exec(length) || [];
  return number !== undefined && Number(number) < (unit === "px" ? SMALL : 1);
}

/* One in pixels is for one size of text. */
function isTight(height) {
  const [, number, unit] = /^([\d.]+)([a-z%]*)$/.exec(height) || [];
  return number !== undefined && Number(number) < (unit in TIGHT ? TIGHT[unit] : Infinity);
}

function isFar(length) {
  const [, number, unit] = /^-([\d.]+)([a-z%]+)$/.exec(length) || [];
  return number !== undefined && Number(number) >= (FAR[unit] || Infinity);
}

/* foliate-js knows two directions of columns. */
function showSideways(style) {
  const [, side] = /^sideways-(rl|lr)$/.exec(style.getPropertyValue("writing-mode")) || [];
  if (side) style.setProperty("writing-mode", `vertical-${side}`);
}

function change(elements, changes) {
  for (const element of elements) {
    if (element.matches(NOT_TEXT)) continue;
    const length = element.textContent.trim().length;
    for (const { longer, set } of changes) if (length > longer) setAll(element, set);
  }
}

function setAll(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value, "important");
}
