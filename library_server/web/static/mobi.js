/* The reader of MOBI and AZW3. */
import { unzlibSync } from "fflate";
import { MOBI } from "foliate-js/mobi.js";

import { openReader } from "./ebooks/reader.js";

openReader(async (file) => new MOBI({ unzlib: unzlibSync }).open(await file.whole()));
