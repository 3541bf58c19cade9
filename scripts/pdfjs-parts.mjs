/*
 * Leaves out the parts of pdf.js that no reader here uses, which are a third of it: the editor of annotations, forms of
 * XFA, the joining of files, a second decoder of Brotli. Repairs what readers meet. The distribution has each source
 * file behind a line with its name, and before all of them modules of core-js: these are `polyfills-of-pdfjs`, which
 * browsers that lack none do not load and evaluate.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { patchSource, refusePatch } from "./patch-source.mjs";

/* A page that is none ends the document there: pages after it would be lost with it. */
const BROKEN_PAGE = [
    `if (!(currentNode instanceof Dict)) {
        throw`,
    `if (!(currentNode instanceof Dict)) {
        if (currentPageIndex++ !== pageIndex) continue;
        throw`,
];
/* An error that is made while the script is evaluated makes V8 parse all of it again, for the lines of its stack. */
const COSTLY_PROTOTYPE = [
    "BaseException.prototype = new Error();",
    "BaseException.prototype = Object.create(Error.prototype);",
];
const PARTS = /^;\/\/ (\.\/\S+).*$/m;
const LIBRARIES = {
    "pdf.mjs": {
        repairs: [COSTLY_PROTOTYPE],
        unused: /\/editor\/|\/xfa_|annotation_layer|draw_layer|text_layer_images|touch_manager|webgpu_mesh|svg_factory|scripting_utils|src\/pdf\.js/,
        instead: `
            const XfaLayer = { render() {} };
            const XfaText = { textContent: () => ({ items: [], styles: {} }) };
            class AnnotationEditor {}
            const initWebGPUMesh = () => {};
            const isWebGPUMeshReady = () => false;
            const drawMeshWithGPU = () => null;
            export { GlobalWorkerOptions, PDFDataRangeTransport, TextLayer, getDocument };`,
    },
    "pdf.worker.mjs": {
        repairs: [BROKEN_PAGE, COSTLY_PROTOTYPE],
        unused: /\/xfa\/|xfa_fonts|_factors\.js|liberationsans_widths|brotli\/decode|pdf_editor/,
        instead: `
            const BrotliDecode = () => { throw new Error("Brotli is not supported"); };
            const XFAFactory = class { static getRichTextAsHtml() { return null; } };
            const PDFEditor = class { extractPages() { return null; } };
            const getXfaFontName = () => null;
            const getXfaFontDict = () => null;`,
    },
};

export const POLYFILLS = "polyfills-of-pdfjs";
const FOLDER = fileURLToPath(new URL("../node_modules/pdfjs-dist/legacy/build", import.meta.url));
const POLYFILL = /core-js\/modules\/[\w.-]+\.js/g;
const USE_OF_POLYFILL = /^var \w+ = __webpack_require__\(\d+\);$/gm;

/* Imports each module of core-js that pdf.js has, on its page or in its worker, from the one version of it here. */
function polyfillsOfPdfjs(folder) {
    const sources = Object.keys(LIBRARIES).map((name) => readFileSync(path.join(folder, name), "utf-8"));
    const names = new Set(sources.flatMap((source) => source.match(POLYFILL) || refusePatch(folder)));
    return [...names].map((name) => `import "${name}";`).join("\n");
}

export const usedPartsOfPdfjs = {
    name: "used-parts-of-pdfjs",
    setup(build) {
        build.onLoad(
            { filter: /pdfjs-dist[\\/]legacy[\\/]build[\\/]pdf(\.worker)?\.mjs$/ },
            ({ path: file }) => {
                const { repairs, unused, instead } = LIBRARIES[file.split(/[\\/]/).pop()];
                const source = patchSource(file, readFileSync(file, "utf-8"), repairs);
                const [, ...rest] = source.split(PARTS); // without core-js
                const used = [];
                for (let at = 0; at < rest.length; at += 2)
                    if (!unused.test(rest[at])) used.push(rest[at + 1].replace(USE_OF_POLYFILL, ""));
                if (used.length === rest.length / 2 || /__webpack_/.test(used)) refusePatch(file);
                return { contents: used.join("\n") + instead };
            }
        );
        build.onResolve({ filter: new RegExp(`^${POLYFILLS}$`) }, () => ({
            path: FOLDER,
            namespace: POLYFILLS,
        }));
        build.onLoad({ filter: /./, namespace: POLYFILLS }, ({ path: folder }) => ({
            contents: polyfillsOfPdfjs(folder),
            resolveDir: folder,
        }));
    },
};
