/* Opens an EPUB with foliate-js. The page's policy lets no script of the book run and nothing load from outside. */
const data = document.body.dataset;
const main = document.getElementById("book"),
  status = document.getElementById("status");
const where = document.getElementById("where"),
  contents = document.getElementById("contents");

const css = () => {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return `html{color:${read("--ink")}!important;background:${read("--paper")}!important;font-size:${read("--size")}}
    body{background:none!important;font-family:${read("--song")};line-height:1.75}
    p,li,blockquote,dd{line-height:1.75}a{color:${read("--bamboo")}}img{max-width:100%;height:auto}`;
};
const list = (items, into, view) =>
  items.forEach((item) => {
    const entry = document.createElement("li"),
      link = document.createElement("button");
    link.type = "button";
    link.textContent = item.label?.trim() || "·";
    link.onclick = () => {
      contents.open = false;
      view.goTo(item.href);
    };
    entry.append(link);
    into.append(entry);
    if (item.subitems?.length) list(item.subitems, into, view);
  });
async function openBook() {
  try {
    await import(`${data.vendor}foliate-js/view.js`);
    const response = await fetch(data.file);
    if (!response.ok) throw new Error(String(response.status));
    const file = new File([await response.blob()], "book.epub", { type: "application/epub+zip" });
    const view = document.createElement("foliate-view");
    main.append(view);
    await view.open(file);
    view.renderer.setStyles?.(css());
    view.renderer.setAttribute("max-column-count", "2");
    const said = contents.querySelector("p"),
      toc = view.book.toc ?? [];
    list(toc, contents.querySelector("ul"), view);
    if (toc.length) said.remove();
    else said.textContent = data.bare;
    view.addEventListener("relocate", ({ detail }) => {
      const chapter = detail.tocItem?.label?.trim() ?? "",
        share = detail.fraction ?? 0;
      where.textContent = [chapter, `${Math.round(share * 100)}%`].filter(Boolean).join(" · ");
      window.tianyuan?.note(data.place, {
        url: location.pathname,
        title: data.title,
        cover: data.cover,
        kind: "book",
        cfi: detail.cfi,
        label: chapter || `${Math.round(share * 100)}%`,
        share,
      });
    });
    view.addEventListener("load", ({ detail }) => detail.doc.addEventListener("keydown", keys));
    const place = window.tianyuan?.placeOf(data.place);
    await view.init({ lastLocation: place?.cfi, showTextStart: !place?.cfi });
    status.remove();
    document.getElementById("back-page").onclick = () => view.goLeft();
    document.getElementById("next-page").onclick = () => view.goRight();
    function keys(event) {
      if (event.key === "ArrowLeft" || event.key === "PageUp") view.goLeft();
      else if (event.key === "ArrowRight" || event.key === "PageDown" || event.key === " ") view.goRight();
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", (event) => {
      if (!/BUTTON|A/.test(event.target.tagName)) keys(event);
    });
  } catch (error) {
    console.error(error);
    status.textContent = data.failed;
  }
}
openBook();
