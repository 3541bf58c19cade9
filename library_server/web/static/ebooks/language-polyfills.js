/* Methods that both foliate-js and pdf.js use and browsers of phones of 2018 do not have (Chrome 71, Safari 12). */
import "core-js/actual/array/at";
import "core-js/actual/array/find-last";
import "core-js/actual/array/find-last-index";
import "core-js/actual/array/flat";
import "core-js/actual/array/flat-map";
import "core-js/actual/object/from-entries";
import "core-js/actual/promise/all-settled";
import "core-js/actual/queue-microtask";
import "core-js/actual/string/at";
import "core-js/actual/string/match-all";
import "core-js/actual/string/replace-all";
