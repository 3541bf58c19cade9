/* The reader of MOBI and AZW3. */
import { unzlibSync } from "fflate";
import { MOBI } from "foliate-js/mobi.js";

import { forbidRequests } from "./ebooks/book/requests.js";
import { openReader } from "./ebooks/reader.js";

const isPart = (reference) => /^\s*(filepos|kindle):/i.test(reference);

openReader(async (file) => {
  const book = await new MOBI({ unzlib: unzlibSync }).open(await file.whole());
  book.changePage = (page) => forbidRequests(page, isPart);
  return book;
});
