/* What pdf.js uses beyond `language-polyfills.js`, on its page and in its worker. */
import "./language-polyfills.js";

import "core-js/modules/es.global-this.js"; // the other form gives the window, each property of which would be copied
import "core-js/actual/object/has-own";
import "core-js/actual/promise/with-resolvers";
import "core-js/actual/typed-array/at";
import "core-js/actual/typed-array/find-last";
