/* The page number, the slider, and the settings of a PDF, which the browser keeps. */

const KEY = "tianyuan.pdf";

/* `jump` goes to a page. */
export function connectPageNumber(viewer, jump) {
  const form = document.getElementById("go-to"),
    { number, slider } = form.elements;
  form.onsubmit = (event) => {
    event.preventDefault();
    if (number.value) jump(Math.max(1, Math.min(viewer.geometry.pages, Number(number.value))));
  };
  slider.oninput = () => (number.value = slider.value);
  slider.onchange = () => jump(Number(slider.value));
  const show = () => {
    const { pages } = viewer.geometry;
    number.max = slider.max = pages;
    number.value = slider.value = viewer.page;
    document.getElementById("pages").textContent = pages;
  };
  viewer.on("place", show);
  viewer.on("layout", show);
  show();
}

/* What was chosen before: `{fit, flow}`. */
export function keptSettings() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

function keep(geometry) {
  try {
    localStorage.setItem(
      KEY,
      JSON.stringify({ fit: geometry.fit, flow: geometry.isPaged ? "pages" : "scroll" })
    );
  } catch {
    /* private mode: nothing is kept */
  }
}

export function connectSettingsOfPdf(viewer, zooming) {
  const form = document.getElementById("pdf-settings");
  const show = () => {
    const { fit, isPaged, zoom } = viewer.geometry;
    form.elements.flow.value = isPaged ? "pages" : "scroll";
    form.elements.fit.value = fit;
    form.elements.zoom.value = `${Math.round(zoom * 100)}%`;
  };
  form.onchange = ({ target }) => {
    if (target.name === "fit") zooming.fit(target.value);
    if (target.name === "flow") {
      const { page } = viewer;
      viewer.layOut(() => (viewer.geometry.isPaged = target.value === "pages"));
      viewer.show(page);
    }
    keep(viewer.geometry);
  };
  form.onsubmit = (event) => event.preventDefault();
  form.querySelector("[data-zoom=in]").onclick = () => zooming.in();
  form.querySelector("[data-zoom=out]").onclick = () => zooming.out();
  zooming.onChange(show);
  viewer.on("layout", show);
  show();
}
