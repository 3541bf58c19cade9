/* Methods that pdf.js uses, on its page and in its worker; they come where the browser lacks one of
   `pdf/document/methods.js`. */
import "./ebooks/language-polyfills.js";

import "core-js/modules/es.global-this.js"; // `core-js/actual/global-this` copies each property of the window
import "core-js/actual/object/has-own";
import "core-js/actual/typed-array/at";
import "core-js/actual/typed-array/find-last";
import "polyfills-of-pdfjs";
