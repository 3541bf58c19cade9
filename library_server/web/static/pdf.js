/* Opens a PDF by ranges. The pages have their places at once, the first one a picture; pdf.js comes meanwhile. */
import { closePanels, connectPanels, offerPanel, openPanel } from "./ebooks/frame/panels.js";
import { connectSettings } from "./ebooks/frame/settings-panel.js";
import { connectNotes } from "./ebooks/notes/panel.js";
import { showFailure, showOpened, showProgress } from "./ebooks/page-state.js";
import { hasAll, importScript } from "./ebooks/script-loader.js";
import { messageOf, Unreachable } from "./ebooks/ranges.js";
import { ContentsPanel } from "./pdf/contents/panel.js";
import { connectPageNumber, connectSettingsOfPdf, keptSettings } from "./pdf/settings/settings.js";
import { resolveDestination } from "./pdf/document/destinations.js";
import { POLYFILLED_METHODS } from "./pdf/document/methods.js";
import { RenderingQueue } from "./pdf/pages/rendering-queue.js";
import { Finder } from "./pdf/text/finder.js";
import { showNotices } from "./pdf/document/notices.js";
import { Geometry } from "./pdf/pages/geometry.js";
import { connectTurning } from "./pdf/turning/keys.js";
import { addLinks } from "./pdf/pages/links.js";
import { data } from "./pdf/page-data.js";
import { PageHistory } from "./pdf/place/page-history.js";
import { addTextLayer } from "./pdf/text/text-layer.js";
import { CHUNK, RemotePdf } from "./pdf/document/transport.js";
import { Viewer } from "./pdf/pages/viewer.js";
import { Zoom } from "./pdf/zoom/zoom.js";

const PICTURE_WAIT = 2500; // milliseconds for the picture of the first page before pdf.js comes beside it
const main = document.getElementById("book"),
  where = document.getElementById("where"),
  textLink = document.querySelector("footer a"); // of the text version, where there is one

class PdfReader {
  #isShown = false;

  constructor() {
    const asked = Number(new URLSearchParams(location.search).get("page"));
    const kept = window.tianyuan && window.tianyuan.placeOf(data.place);
    this.firstPage = Math.max(1, Math.floor(asked) || (kept && kept.page) || 1);
    this.file = new RemotePdf(data.file, Number(data.size), {
      received: (bytes) => this.#isShown || showProgress(data.received.replace("#", inMegabytes(bytes))),
      unreachable: () => this.say(data.unreachable),
      reached: () => this.say(""),
      refused: (error) => this.fail(error),
    });
    connectPanels();
    main.classList.add("pages");
    main.tabIndex = 0;
    const runs = JSON.parse(data.sizes || "[]");
    if (runs.length) this.layOut(runs);
  }

  /* Gives every page its place. */
  layOut(runs) {
    this.viewer = new Viewer(main, geometryOf(runs));
    this.zoom = new Zoom(this.viewer);
    this.history = new PageHistory(this.viewer);
    this.renderingQueue = new RenderingQueue(this.viewer, (pageView, page) =>
      this.#addLayers(pageView, page)
    );
    this.viewer.on("place", () => this.#notePlace());
    this.viewer.on("near", () => this.#watchFirst());
    this.#connectPanels();
    this.viewer.open(Math.min(this.firstPage, this.viewer.geometry.pages));
    this.#notePlace();
  }

  #connectPanels() {
    const jump = (page) => {
      closePanels();
      this.history.jump(page);
    };
    this.contents = new ContentsPanel(this.viewer);
    connectPageNumber(this.viewer, jump);
    connectSettingsOfPdf(this.viewer, this.zoom);
    connectSettings(["large", "paper"]);
    this.#connectNotes();
    if (textLink) {
      this.finder = new Finder(this.viewer, (page) => this.history.jump(page, 0, { isHit: true }));
      offerPanel("search");
    }
    connectTurning(this.viewer, this.zoom, this.history, textLink && (() => openPanel("search")));
  }

  #connectNotes() {
    this.notes = connectNotes({
      here: () => {
        const { page, pageViews } = this.viewer;
        const text = pageViews.get(page) && pageViews.get(page).excerpt;
        return { page, label: data.page.replace("#", page), ...(text && { text }) };
      },
      isHere: (note) => note.page === this.viewer.page,
      goTo: async (note) => {
        this.history.jump(note.page);
        return note.page <= this.viewer.geometry.pages;
      },
    });
    this.viewer.on("place", () => this.notes.refresh());
  }

  async open() {
    try {
      await this.#showPicture();
      this.file.prefetch();
      const polyfills = hasAll(POLYFILLED_METHODS) ? "" : data.polyfills;
      if (polyfills) await importScript(polyfills); // first: a worker that does not get it fails on its own
      const worker = this.#startWorker(polyfills);
      await this.#openBook(await importScript(data.engine), worker);
    } catch (error) {
      this.fail(error);
    }
  }

  /* A worker whose script does not come, or does not run, answers nothing: pdf.js would wait for it. */
  #startWorker(polyfills) {
    const worker = new Worker(polyfills ? `${data.worker}#${polyfills}` : data.worker);
    worker.onerror = ({ message }) => {
      if (!this.book) this.fail(message ? new Error(message) : new Unreachable("the worker did not come"));
    };
    return worker;
  }

  /* The picture that the server has of the first page; resolves when it is there, or does not come. */
  async #showPicture() {
    if (!data.firstPage || !this.viewer || this.viewer.page !== 1) return;
    const image = new Image();
    image.alt = "";
    const loaded = new Promise((resolve) => {
      image.onload = () => {
        const pageView = this.viewer.pageViews.get(1);
        if (pageView) pageView.showPicture(image);
        this.#opened();
        resolve();
      };
      image.onerror = resolve;
      setTimeout(resolve, PICTURE_WAIT);
    });
    image.src = data.firstPage;
    await loaded;
  }

  async #openBook(pdfjs, worker) {
    this.pdfjs = pdfjs;
    pdfjs.GlobalWorkerOptions.workerPort = worker;
    const base = new URL(`${data.vendor}pdfjs-dist/`, location.href).href;
    this.book = await pdfjs.getDocument({
      range: await this.file.transport(pdfjs),
      rangeChunkSize: CHUNK,
      cMapUrl: `${base}cmaps/`,
      cMapPacked: true,
      iccUrl: `${base}iccs/`,
      standardFontDataUrl: `${base}standard_fonts/`,
      wasmUrl: `${base}wasm/`,
      isEvalSupported: false,
      disableAutoFetch: true,
      disableStream: true,
    }).promise;
    const { numPages } = this.book;
    if (!this.viewer || this.viewer.geometry.pages !== numPages) await this.#layOutAgain(numPages);
    this.renderingQueue.start(this.book);
    await this.viewer.readLabels(this.book);
    this.#notePlace();
    await this.contents.open(
      this.book,
      (destination) => this.follow(destination),
      (page) => this.history.jump(page)
    );
    await showNotices(this.book);
  }

  /* Where the sizes of pages are not known, all are taken to be like the first, until each is read. */
  async #layOutAgain(numPages) {
    const view = (await this.book.getPage(1)).getViewport({ scale: 1 });
    const runs = [[numPages, view.width, view.height]];
    if (!this.viewer) this.layOut(runs);
    else this.viewer.replaceGeometry(geometryOf(runs));
  }

  async #addLayers(pageView, page) {
    this.#opened();
    try {
      await addTextLayer(this.pdfjs, pageView, page);
      if (this.finder) this.finder.mark(pageView);
      await addLinks(pageView, page, (destination) => this.follow(destination));
    } catch (error) {
      if (error.name !== "AbortException") console.error(error); // the page is seen, at least
    }
  }

  async follow(destination) {
    const place = await resolveDestination(this.book, destination);
    if (place) this.history.jump(place.page, place.share);
  }

  /* The reader has opened when the page is seen, or is said to be broken. */
  #watchFirst() {
    const pageView = this.viewer.pageViews.get(this.viewer.page);
    if (pageView && pageView.isBroken) this.#opened();
  }

  #opened() {
    if (this.#isShown) return;
    this.#isShown = true;
    showOpened();
    this.#notePlace();
    forgetAskedPage();
    this.notes.openLinked();
  }

  #notePlace() {
    const { page, geometry } = this.viewer;
    const label = this.viewer.labels.of(page);
    where.textContent = `${label === String(page) ? "" : `${label} · `}${page} / ${geometry.pages}`;
    if (textLink) textLink.search = `?text=1&page=${page}`;
    if (!this.#isShown || !window.tianyuan) return;
    window.tianyuan.note(data.place, {
      url: location.pathname,
      title: data.title,
      cover: data.cover,
      kind: "book",
      page,
      label: data.page.replace("#", page),
      share: page / geometry.pages,
    });
  }

  /* Says something over the pages, or nothing any more. */
  say(text) {
    const notice = document.getElementById("notice");
    notice.textContent = text;
    notice.hidden = !text;
  }

  /* Says why the book does not open; over the pages, where one of them is seen already. */
  fail(error) {
    const sentence = messageOf(error, data) || data.failed;
    if (this.#isShown) {
      console.error(error);
      this.say(sentence);
    } else showFailure(error, error.name === "PasswordException" ? data.password : sentence);
  }
}

function geometryOf(runs) {
  const { fit, flow } = keptSettings();
  const geometry = new Geometry(runs);
  geometry.fit = fit === "page" ? "page" : "width";
  geometry.wantsPaged = flow === "pages";
  return geometry;
}

/* The page of the address was opened: a page that is reloaded opens where it was read to. */
function forgetAskedPage() {
  const kept = window.tianyuan && window.tianyuan.placeOf(data.place);
  if (!kept || !kept.page) return;
  const address = new URL(location.href);
  address.searchParams.delete("page");
  history.replaceState(history.state, "", address.href);
}

function inMegabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

new PdfReader().open();
