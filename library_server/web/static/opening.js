/* Offers the text version and the download where a book does not open: the browser knows no modules, a script fails,
   or nothing has come for a while. Runs before the reader, in every browser. */
(function () {
  "use strict";
  var WAIT = 20000; // milliseconds without anything new
  var body = document.body,
    status = document.getElementById("status"),
    instead = document.getElementById("instead");
  var folder = folderOf(document.currentScript ? document.currentScript.src : "");
  var shown = "",
    since = 0;

  function folderOf(address) {
    return String(address || "").replace(/[^/]*$/, "");
  }

  /* Whether a script is one of the library's: browsers within other programs add theirs to the page. */
  function isOurs(address) {
    return Boolean(folder) && folderOf(address) === folder;
  }

  function isOpening() {
    return status && document.documentElement.contains(status);
  }

  function offer(message) {
    if (!isOpening() || !instead.hidden) return;
    status.textContent = body.getAttribute(message);
    instead.hidden = false;
  }

  function watch() {
    if (!isOpening()) return;
    if (status.textContent !== shown) {
      shown = status.textContent;
      since = Date.now();
    } else if (Date.now() - since > WAIT) {
      instead.hidden = false;
      return;
    }
    setTimeout(watch, 1000);
  }

  if (!("noModule" in document.createElement("script"))) {
    offer("data-old");
    return;
  }
  window.addEventListener(
    "error",
    function (event) {
      if (event.target === window) isOurs(event.filename) && offer("data-failed");
      else if (event.target.tagName === "SCRIPT" && isOurs(event.target.src)) offer("data-unreachable");
    },
    true
  );
  watch();
})();
