/* Methods that foliate-js uses beyond `language-polyfills.js`; they come where the browser lacks one of
   `ebooks/book/methods.js`. */
import "./ebooks/language-polyfills.js";

import "core-js/actual/map/group-by";
import "core-js/actual/object/group-by";
import "core-js/actual/string/trim-end";
import "core-js/actual/string/trim-start";
