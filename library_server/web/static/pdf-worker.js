/* The worker of pdf.js as a script that is no module, which browsers take in workers since Chrome 80 only. */
import "./pdf/document/worker-methods.js";
import "pdfjs-dist/legacy/build/pdf.worker.mjs";

import "./ebooks/structured-clone.js";
