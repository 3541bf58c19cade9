/* The page number, the slider, and the settings of a PDF, which the browser keeps. */
import { keep, readKept } from "../../ebooks/frame/kept.js";

const KEY = "tianyuan.pdf";

/* `jump` goes to a page. */
export function connectPageNumber(viewer, jump) {
  const form = document.getElementById("go-to"),
    { number, slider } = form.elements;
  form.onsubmit = (event) => {
    event.preventDefault();
    const page = viewer.labels.pageOf(number.value);
    if (page) jump(Math.max(1, Math.min(viewer.geometry.pages, page)));
  };
  slider.oninput = () => (number.value = viewer.labels.of(Number(slider.value)));
  slider.onchange = () => jump(Number(slider.value));
  const show = () => {
    const { pages } = viewer.geometry;
    if (viewer.labels.areThere) {
      number.type = number.inputMode = "text";
      slider.setAttribute("aria-valuetext", viewer.labels.of(viewer.page));
    }
    number.max = slider.max = pages;
    slider.value = viewer.page;
    number.value = viewer.labels.of(viewer.page);
    document.getElementById("pages").textContent = pages;
  };
  viewer.on("place", show);
  viewer.on("layout", show);
  show();
}

/* What was chosen before: `{fit, flow}`. */
export function keptSettings() {
  return readKept(KEY);
}

export function connectSettingsOfPdf(viewer, zoom) {
  const form = document.getElementById("pdf-settings");
  const show = () => {
    const { fit, isPaged, zoom } = viewer.geometry;
    form.elements.flow.value = isPaged ? "pages" : "scroll";
    form.elements.fit.value = fit;
    form.elements.zoom.value = `${Math.round(zoom * 100)}%`;
  };
  form.onchange = ({ target }) => {
    if (target.name === "fit") zoom.fit(target.value);
    if (target.name === "flow") {
      const { page } = viewer;
      viewer.layOut(() => (viewer.geometry.wantsPaged = target.value === "pages"));
      viewer.show(page);
    }
    const { fit, wantsPaged } = viewer.geometry;
    keep(KEY, { fit, flow: wantsPaged ? "pages" : "scroll" });
  };
  form.onsubmit = (event) => event.preventDefault();
  form.querySelector("[data-zoom=in]").onclick = () => zoom.in();
  form.querySelector("[data-zoom=out]").onclick = () => zoom.out();
  zoom.onChange(show);
  viewer.on("layout", show);
  show();
}
