/* The site's size of text and theme, which the server keeps in cookies: a book that is open follows them at once. */

const LOOK = "tianyuan.look"; // written by site.js on each page, so that other windows hear of a change
const THEMES = ["auto", "light", "dark"];
const YEAR = 31536000; // seconds

/* Calls `changed` after the site's look has changed in another window, or with the system's theme. */
export function followSite(changed) {
  const follow = () => {
    if (applyCookies()) changed();
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("focus", follow);
  addEventListener("pageshow", follow);
  addEventListener("storage", (event) => {
    if (event.key === LOOK) follow();
  });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addListener(() => changed()); // `addEventListener` of a media query needs Safari 14
}

/* Turns the large text of the site on or off, as `/settings` does. */
export function setLarge(isLarge) {
  document.cookie = `text=${isLarge ? "large" : "normal"};path=/;max-age=${YEAR};samesite=lax`;
  applyCookies();
}

export function isLarge() {
  return document.documentElement.classList.contains("large");
}

function applyCookies() {
  const classes = document.documentElement.classList;
  const before = classes.value;
  const text = cookie("text"),
    theme = cookie("theme");
  if (text) classes.toggle("large", text === "large");
  if (THEMES.includes(theme)) for (const name of THEMES) classes.toggle(name, name === theme);
  return classes.value !== before;
}

function cookie(name) {
  const match = new RegExp(`(?:^|; )${name}=([a-z]+)`).exec(document.cookie);
  return match ? match[1] : "";
}
