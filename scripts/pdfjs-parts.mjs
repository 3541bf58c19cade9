/*
 * Leaves out the parts of pdf.js that no reader here uses, which are a third of it: the editor of annotations, forms of
 * XFA, the joining of files, a second decoder of Brotli. Repairs what readers meet. The distribution has each source
 * file behind a line with its name.
 */
import { readFileSync } from "node:fs";

import { patchSource, refusePatch } from "./patch-source.mjs";

/* A page that is none ends the document there: pages after it would be lost with it. */
const BROKEN_PAGE = [
    `if (!(currentNode instanceof Dict)) {
        throw`,
    `if (!(currentNode instanceof Dict)) {
        if (currentPageIndex++ !== pageIndex) continue;
        throw`,
];
const PARTS = /^;\/\/ (\.\/\S+).*$/m;
const LIBRARIES = {
    "pdf.mjs": {
        repairs: [],
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
        repairs: [BROKEN_PAGE],
        unused: /\/xfa\/|xfa_fonts|_factors\.js|liberationsans_widths|brotli\/decode|pdf_editor/,
        instead: `
            const BrotliDecode = () => { throw new Error("Brotli is not supported"); };
            const XFAFactory = class { static getRichTextAsHtml() { return null; } };
            const PDFEditor = class { extractPages() { return null; } };
            const getXfaFontName = () => null;
            const getXfaFontDict = () => null;`,
    },
};

export const usedPartsOfPdfjs = {
    name: "used-parts-of-pdfjs",
    setup(build) {
        build.onLoad(
            { filter: /pdfjs-dist[\\/]legacy[\\/]build[\\/]pdf(\.worker)?\.mjs$/ },
            ({ path: file }) => {
                const { repairs, unused, instead } = LIBRARIES[file.split(/[\\/]/).pop()];
                const source = patchSource(file, readFileSync(file, "utf-8"), repairs);
                const [head, ...rest] = source.split(PARTS);
                const used = [head];
                for (let at = 0; at < rest.length; at += 2)
                    if (!unused.test(rest[at])) used.push(rest[at + 1]);
                if (used.length === 1 + rest.length / 2) refusePatch(file);
                return { contents: used.join("\n") + instead };
            }
        );
    },
};
