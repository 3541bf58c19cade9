/* The reader of EPUB and of comics. */
import { openComic } from "./ebooks/comic.js";
import { openEpub } from "./ebooks/epub/epub.js";
import { openReader } from "./ebooks/reader.js";

openReader(document.body.dataset.form === "comic" ? openComic : openEpub);
