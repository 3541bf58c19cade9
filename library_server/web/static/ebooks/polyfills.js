/* What foliate-js and the readers of it use beyond `language-polyfills.js`. */
import "./language-polyfills.js";

import "core-js/actual/map/group-by";
import "core-js/actual/object/group-by";
import "core-js/actual/string/trim-end";
import "core-js/actual/string/trim-start";

if (!Blob.prototype.arrayBuffer)
  Blob.prototype.arrayBuffer = function () {
    return new Response(this).arrayBuffer();
  };
if (!Blob.prototype.text)
  Blob.prototype.text = function () {
    return new Response(this).text();
  };
for (const { prototype } of [Element, Document, DocumentFragment])
  if (!prototype.replaceChildren)
    prototype.replaceChildren = function (...nodes) {
      while (this.lastChild) this.removeChild(this.lastChild);
      this.append(...nodes);
    };
if (!self.crypto.randomUUID)
  self.crypto.randomUUID = () =>
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
      (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16)
    );
