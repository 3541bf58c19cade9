/* What foliate-js and the readers of it use of the browser's own objects, and older browsers or pages without HTTPS do
   not have. The methods of the language come by `script-loader.js`. */
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
