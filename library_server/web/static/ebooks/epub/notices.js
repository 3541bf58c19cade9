/* Pages that stand for others: around a picture, or with a notice. */
import { POLICY } from "../book/requests.js";
import { escaped } from "../markup.js";

export function pageAround(content, viewport = "") {
  const meta = viewport ? `<meta name="viewport" content="${escaped(viewport)}"/>` : "";
  return (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head>' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}"/><title></title>${meta}</head>` +
    `<body style="margin:0">${content}</body></html>`
  );
}

/* Whether a page of a book is such a notice, and no text of the book. */
export function isNotice(page) {
  return Boolean(page.querySelector("p[data-notice]"));
}

export function notice(message) {
  const style =
    "display:flex;align-items:center;justify-content:center;height:100%;min-height:60vh;font-size:24px";
  return pageAround(`<p data-notice="" style="${style}">${escaped(message)}</p>`, "width=600, height=800");
}
