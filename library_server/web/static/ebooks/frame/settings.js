/* How books look, kept in this browser for all books: size in percent of the site's, line height as a number. */
import { keep, readKept } from "./kept.js";
import { followSite } from "./site-appearance.js";

const KEY = "tianyuan.reading";
const SMALLEST = 60,
  LARGEST = 300; // percent
const CHOICES = {
  family: ["book", "song", "sans", "kai"],
  margin: ["middle", "narrow", "wide"],
  paper: ["page", "white", "warm", "green", "night"],
  flow: ["pages", "scroll"],
  writing: ["book", "horizontal", "vertical"],
  fit: ["page", "width"], // of pages of a fixed layout
};
const LINES = [1.75, 1.5, 2.1];
const listeners = [];
let current = valid(readKept(KEY));

/* `{size, family, line, margin, paper, flow, writing, fit}`. */
export function settings() {
  return Object.assign({}, current);
}

/* Changes some of the settings, keeps them, and tells the listeners. */
export function changeSettings(part) {
  current = valid(Object.assign({}, current, part));
  keep(KEY, current);
  tell();
}

/* Calls `listener` with the settings after each change of them, here or in another window, and after a change of the
   site's size or theme. */
export function onSettings(listener) {
  listeners.push(listener);
}

/* What is kept may be of another version: a value that is not known is the first of its choices. */
function valid(given) {
  const size = Math.round(Number(given.size)) || 100;
  const made = {
    size: Math.max(SMALLEST, Math.min(LARGEST, size)),
    line: LINES.includes(Number(given.line)) ? Number(given.line) : LINES[0],
  };
  for (const [name, values] of Object.entries(CHOICES))
    made[name] = values.includes(given[name]) ? given[name] : values[0];
  return made;
}

function tell() {
  showPaper();
  for (const listener of listeners) listener(settings());
}

function showPaper() {
  const classes = document.documentElement.classList;
  for (const paper of CHOICES.paper)
    classes.toggle(`paper-${paper}`, paper !== "page" && paper === current.paper);
}

addEventListener("storage", (event) => {
  if (event.key !== KEY && event.key !== null) return;
  current = valid(readKept(KEY));
  tell();
});
followSite(tell);
showPaper();
