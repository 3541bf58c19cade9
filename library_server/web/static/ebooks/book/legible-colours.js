/* Colours that a book chose for another paper: text that is not seen on its ground takes the ink of the reader, and a
   ground on which the ink is not seen goes. */
import { matching, styleRules } from "./style-rules.js";

const LEAST = 3; // contrast, as WCAG 2.2 asks of large text (1.4.3)
const STATED = ["color", "background-color", "-webkit-text-fill-color"];
const INLINE = "[style*='color'],[style*='background'],[color],[bgcolor]";
const SEEN_THROUGH = 0.5; // opacity of a ground that is not one

/* Changes a page that is laid out. */
export function showColours(doc) {
  const { color, backgroundColor } = getComputedStyle(doc.documentElement);
  const ink = read(color),
    paper = read(backgroundColor);
  if (!ink || !paper) return;
  const groundOf = grounds(doc, paper);
  const changes = [];
  for (const element of new Set(coloured(doc))) {
    const ground = groundOf(element);
    if (!ground || !element.textContent.trim()) continue;
    const style = getComputedStyle(element);
    const text = read(style.webkitTextFillColor) || read(style.color);
    if (!text || contrast(over(text, ground.colour), ground.colour) >= LEAST) continue;
    changes.push([element, { color: "inherit", "-webkit-text-fill-color": "currentcolor" }]);
    if (contrast(ink, ground.colour) < LEAST)
      changes.push([ground.element, { "background-color": "transparent" }]);
  }
  for (const [element, properties] of changes)
    for (const [name, value] of Object.entries(properties))
      element.style.setProperty(name, value, "important");
}

/* The elements of which the book states a colour; the last style sheet is that of the reader. */
function* coloured(doc) {
  for (const sheet of doc.styleSheets) {
    if (sheet.ownerNode === doc.head.lastElementChild) continue;
    for (const rule of styleRules(sheet))
      if (STATED.some((name) => rule.style.getPropertyValue(name))) yield* matching(doc, rule.selectorText);
  }
  yield* doc.querySelectorAll(INLINE);
}

/* A function that gives the colour on which an element stands, and the element that has it; null over a picture. */
function grounds(doc, paper) {
  const known = new Map([[doc.documentElement, { element: doc.documentElement, colour: paper }]]);
  const groundOf = (element) => {
    if (!known.has(element)) known.set(element, ownGround(element) || groundOf(element.parentElement));
    const ground = known.get(element);
    return ground.colour ? ground : null;
  };
  const ownGround = (element) => {
    const { backgroundColor, backgroundImage } = getComputedStyle(element);
    if (backgroundImage !== "none") return { element, colour: null };
    const colour = read(backgroundColor);
    return colour && colour[3] > SEEN_THROUGH ? { element, colour } : null;
  };
  return groundOf;
}

/* `[red, green, blue, opacity]` of `rgb(…)` or `rgba(…)`; null of others. */
function read(colour) {
  const numbers = /^rgba?\(/.test(colour) ? colour.match(/[\d.]+/g).map(Number) : [];
  return numbers.length < 3 ? null : [...numbers.slice(0, 3), numbers.length > 3 ? numbers[3] : 1];
}

function over([red, green, blue, opacity], ground) {
  return [red, green, blue].map((part, index) => part * opacity + ground[index] * (1 - opacity));
}

/* The contrast of two colours, 1 to 21 (WCAG 2.2, contrast ratio). */
function contrast(one, other) {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
