/* The parts of pdf.js that the reader uses; it comes when the page is already there. */
export {
  GlobalWorkerOptions,
  PDFDataRangeTransport,
  TextLayer,
  getDocument,
} from "pdfjs-dist/legacy/build/pdf.mjs";

import "./ebooks/structured-clone.js";
