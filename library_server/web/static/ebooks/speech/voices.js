/* The voices of the browser. Some browsers know them only a while after the page has come. */
import { primaryOf } from "../text/languages.js";

const ASKED_AGAIN = [250, 1000, 3000]; // milliseconds, for browsers that do not tell when voices have come

/* Calls whenever voices have come. */
export function onVoices(listener) {
  const synthesis = window.speechSynthesis;
  if (!synthesis || !window.SpeechSynthesisUtterance) return;
  if (synthesis.addEventListener) synthesis.addEventListener("voiceschanged", listener);
  else synthesis.onvoiceschanged = listener;
  ASKED_AGAIN.forEach((wait) => setTimeout(listener, wait));
  listener();
}

/* The voice for a language tag; null where there is none. One on this device comes before one of a server, the region
   that is asked for before others, and Mandarin before Cantonese. */
export function findVoice(tag) {
  const primary = primaryOf(tag);
  const voices = window.speechSynthesis ? window.speechSynthesis.getVoices() : [];
  const ranked = voices
    .filter((voice) => primaryOf(voice.lang || "") === primary)
    .map((voice, place) => ({ voice, rank: rankOf(voice, tag), place }))
    .sort((one, other) => other.rank - one.rank || one.place - other.place);
  return ranked.length ? ranked[0].voice : null;
}

function rankOf(voice, tag) {
  const lang = voice.lang.toLowerCase().replace(/_/g, "-");
  const isCantonese = /^yue|-hk|-mo/.test(lang) && !/-hk|-mo|^yue/.test(tag.toLowerCase());
  const isRegion =
    lang === tag.toLowerCase() || (primaryOf(tag) === "zh" && isTaiwan(lang) === isTaiwan(tag));
  return (isCantonese ? -8 : 0) + (isRegion ? 4 : 0) + (voice.localService ? 2 : 0) + (voice.default ? 1 : 0);
}

function isTaiwan(tag) {
  return /-tw|hant/i.test(tag);
}
