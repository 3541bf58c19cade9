/* Says what of a PDF is not seen here: a form of XFA, whose pages only other programs make, and files within it, whose
   names would come with all their bytes. */
import { data } from "../page-data.js";

export async function showNotices(book) {
  const { info } = await book.getMetadata();
  const sentences = [];
  if (info.IsXFAPresent) sentences.push(data.form);
  if (info.IsCollectionPresent) sentences.push(data.portfolio);
  if (!sentences.length) return;
  const notice = document.getElementById("file-notice");
  notice.querySelector("span").textContent = sentences.join(" ");
  notice.querySelector("button").onclick = () => {
    notice.hidden = true;
    document.getElementById("book").focus({ preventScroll: true });
  };
  notice.hidden = false;
}
