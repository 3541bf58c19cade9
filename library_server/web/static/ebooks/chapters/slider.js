/* The panel of the place: a slider with the beginnings of chapters, whose names are told while it is moved. */
import { offerPanel, onPanel } from "../frame/panels.js";
import { labelOf } from "../place/place.js";
import { flatItems } from "./tree.js";

const STEPS = 1000;
const MOST_TICKS = 60;

const panel = document.getElementById("panel-place");

export function connectSlider(navigator) {
  const { view } = navigator;
  const slider = panel.querySelector("input"),
    label = panel.querySelector("output");
  const items = flatItems(view.book.toc || []).filter((item) => item.href);
  let marks = null; // {share, item}, once the panel has been opened
  const tell = (share, item) => {
    label.textContent = [labelOf(item), `${Math.round(share * 100)}%`].filter(Boolean).join(" · ");
    slider.setAttribute("aria-valuetext", label.textContent);
  };
  const itemAt = (share) => {
    const mark = marks && marks.filter((one) => one.share <= share + Number.EPSILON).pop();
    return mark && mark.item;
  };
  const showPlace = () => {
    const { fraction = 0, tocItem } = view.lastLocation || {};
    slider.value = Math.round(fraction * STEPS);
    tell(fraction, tocItem);
    slider.dir = document.body.classList.contains("rtl") ? "rtl" : "ltr";
  };
  const goBy = (step) => {
    const at = items.indexOf((view.lastLocation || {}).tocItem);
    const next = items[at + step];
    if (next) navigator.jump(next.href);
  };
  slider.addEventListener("input", () => tell(slider.value / STEPS, itemAt(slider.value / STEPS)));
  slider.addEventListener("change", () => navigator.jump({ fraction: slider.value / STEPS }));
  const [before, after] = panel.querySelectorAll("[data-chapter]");
  before.onclick = () => goBy(-1);
  after.onclick = () => goBy(1);
  before.hidden = after.hidden = items.length < 2;
  view.addEventListener("relocate", showPlace);
  onPanel("place", async () => {
    showPlace();
    if (marks) return;
    marks = await marksOf(view, items);
    const top = new Set(view.book.toc || []);
    showTicks(marks.filter(({ item }) => top.has(item)));
  });
  offerPanel("place");
}

async function marksOf(view, items) {
  const shares = view.getSectionFractions();
  const indexes = new Map(view.book.sections.map((section, index) => [section.id, index]));
  const marks = [];
  for (const item of items) {
    const [id] = (await view.book.splitTOCHref(item.href)) || [];
    if (indexes.has(id)) marks.push({ share: shares[indexes.get(id)] || 0, item });
  }
  return marks.sort((one, other) => one.share - other.share);
}

function showTicks(marks) {
  const ticks = panel.querySelector(".ticks");
  if (marks.length > MOST_TICKS) return;
  const side = document.body.classList.contains("rtl") ? "right" : "left";
  for (const { share } of marks) {
    const tick = document.createElement("i");
    tick.style[side] = `${share * 100}%`;
    ticks.append(tick);
  }
}
