/* Opens a PDF with pdf.js, a page at a time, fetched by ranges. */
import "./ebooks/worker-polyfills.js";

import * as pdfjs from "pdfjs-dist/legacy/build/pdf.mjs";

import { closePanels, connectPanels, offerPanel } from "./ebooks/frame/panels.js";
import { showFailure, showOpened } from "./ebooks/page-state.js";
import "./ebooks/structured-clone.js";

const data = document.body.dataset;
const main = document.getElementById("book");
const where = document.getElementById("where"),
  contents = document.getElementById("panel-contents");
main.classList.add("pages");
main.tabIndex = 0;
async function openBook() {
  connectPanels();
  try {
    pdfjs.GlobalWorkerOptions.workerPort = new Worker(data.worker);
    const base = new URL(`${data.vendor}pdfjs-dist/`, location.href).href;
    const book = await pdfjs.getDocument({
      url: data.file,
      cMapUrl: `${base}cmaps/`,
      cMapPacked: true,
      standardFontDataUrl: `${base}standard_fonts/`,
      wasmUrl: `${base}wasm/`,
      isEvalSupported: false,
      disableAutoFetch: true,
      disableStream: true, // which would fetch the file from its beginning beside the ranges
    }).promise;
    const canvas = document.createElement("canvas");
    main.append(canvas);
    let number = Math.min(
        book.numPages,
        Number(new URLSearchParams(location.search).get("page")) ||
          window.tianyuan?.placeOf(data.place)?.page ||
          1
      ),
      task = null;
    const show = async (next) => {
      number = Math.max(1, Math.min(book.numPages, next));
      const page = await book.getPage(number),
        plain = page.getViewport({ scale: 1 });
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      const view = page.getViewport({ scale: (Math.min(main.clientWidth, 1000) / plain.width) * ratio });
      task?.cancel();
      canvas.width = view.width;
      canvas.height = view.height;
      canvas.style.width = `${view.width / ratio}px`;
      task = page.render({ canvasContext: canvas.getContext("2d"), viewport: view });
      await task.promise.catch((error) => {
        if (error.name !== "RenderingCancelledException") throw error;
      });
      const label = data.page.replace("#", number);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", label);
      main.scrollTop = 0;
      where.textContent = `${number} / ${book.numPages}`;
      window.tianyuan?.note(data.place, {
        url: location.pathname,
        title: data.title,
        cover: data.cover,
        kind: "book",
        page: number,
        label,
        share: number / book.numPages,
      });
    };
    const said = contents.querySelector("p"),
      outline = (await book.getOutline()) ?? [];
    if (outline.length) said.remove();
    else said.textContent = data.bare;
    for (const item of outline) {
      const entry = document.createElement("li"),
        link = document.createElement("button");
      link.type = "button";
      link.textContent = item.title;
      link.onclick = async () => {
        const target = typeof item.dest === "string" ? await book.getDestination(item.dest) : item.dest;
        closePanels();
        if (target) show((await book.getPageIndex(target[0])) + 1);
      };
      entry.append(link);
      contents.querySelector("ul").append(entry);
    }
    offerPanel("contents");
    await show(number);
    showOpened();
    document.getElementById("back-page").onclick = () => show(number - 1);
    document.getElementById("next-page").onclick = () => show(number + 1);
    document.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft" || event.key === "PageUp") show(number - 1);
      else if (event.key === "ArrowRight" || event.key === "PageDown") show(number + 1);
    });
    addEventListener("resize", () => show(number));
  } catch (error) {
    const isUnreachable = error.name === "ResponseException" && (!error.status || error.status >= 500);
    showFailure(error, isUnreachable);
  }
}
openBook();
