/* Methods that the browser lacks, in the worker of pdf.js: the page names their script after `#`. */
const script = self.location.hash.slice(1);
if (script) self.importScripts(script);
