/*
 * Bundles and minifies the browser's CSS and JavaScript into library_server/web/static/dist, with hashed names.
 *
 * manifest.json there maps each source (`site.css`) to its file (`site-4Q3ZJ7WD.css`) and to the SHA-256 of every
 * source that went into it, so that the server sees when a source was edited after the build; and to those of the
 * libraries in it, which are not delivered beside it. Texts are compressed
 * beside the file (`.gz`, `.br`), those of the browser libraries in static/vendor as well.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import * as esbuild from "esbuild-wasm";

import { patchSource } from "./patch-source.mjs";
import { POLYFILLS, usedPartsOfPdfjs } from "./pdfjs-parts.mjs";

const STATIC = fileURLToPath(new URL("../library_server/web/static", import.meta.url));
const DIST = path.join(STATIC, "dist");
const COMPRESSIBLE = /\.(css|js|mjs|svg|json|wasm)$/;

/* CSS and readers of books: the browsers that know es2017. Scripts of every page and of the player stay ES5, as old
   television boxes need: esbuild refuses newer syntax there that it cannot rewrite. */
const MODERN = ["es2017", "chrome58", "firefox57", "safari11"];
const READERS = ["es2017", "chrome61"];
/* What foliate-js imports only to open files by itself; the readers here give it opened books. */
const UNUSED = ["./vendor/zip.js", "./vendor/fflate.js", "./comic-book.js", "./fb2.js", "./mobi.js"];
/* What older browsers do not take in foliate-js: nested rules and container queries (Chrome 112) in the styles of its
   elements, and lookbehind (Safari 16.4). And a background is set a frame after the styles, when the next chapter may
   be loading: its document has no element yet. */
const CHANGES = [
    ["/(?<=[{\\s;])-epub-/gi, ''", "/([{\\s;])-epub-/gi, '$1'"],
    [
        "const doc = this.#view?.document\n        if (!doc) return",
        "const doc = this.#view?.document\n        if (!doc?.documentElement) return",
    ],
    // the sides of vertical text are a share of its width, as those of horizontal text are, and not of its height
    [
        "'padding': vertical ? `${margin / 2}px ${gap}px` :",
        "'padding': vertical ? `${margin / 2}px ${(gap * width) / height / 2}px` :",
    ],
    // a chapter that is not there yet has no place to report
    [
        "#afterScroll(reason) {\n",
        "#afterScroll(reason) {\n        if (this.#view.document.URL === 'about:blank') return\n",
    ],
    ["get atStart() {", "reportPlace() {\n        this.#afterScroll('scroll')\n    }\n    get atStart() {"],
];
/* In a spread of which a narrow window shows one page, the other one is taken for it, and a turn to it is not reported. */
const CHANGES_OF_FIXED_LAYOUT = [
    [
        "(this.side === 'left'\n            ? spread.left ?? spread.right : spread.right ?? spread.left)",
        "((this.#portrait ? this.#side === 'left' : this.rtl)\n            ? spread.left ?? spread.right : spread.right ?? spread.left)",
    ],
    [
        "            this.#render(side)\n            return",
        "            this.#side = side\n            this.#render(side)\n            this.#reportLocation(reason)\n            return",
    ],
];
const CHANGES_OF_EPUB = [
    // the plain names that `ebooks/epub/epub.js` gives members are addresses already: thousands need no `URL`
    [
        "const resolveURL = (url, relativeTo) => {\n",
        "const resolveURL = (url, relativeTo) => {\n    if (/^\\w+\\.\\w+$/.test(url) && !/[:\\/]/.test(relativeTo)) return url\n",
    ],
    // the names of attributes in camel case are made once, not for each of thousands of elements
    [
        "const getAttributes = (...xs) => el =>\n    el ? Object.fromEntries(xs.map(x => [camel(x), el.getAttribute(x)])) : null",
        "const getAttributes = (...xs) => {\n    const names = xs.map(x => [camel(x), x])\n    return el => el ? Object.fromEntries(names.map(([name, x]) => [name, el.getAttribute(x)])) : null\n}",
    ],
    // each of thousands of pages is looked up in a map, not among as many
    [
        "getItemByID(id) {\n        return this.manifest.find(item => item.id === id)",
        "getItemByID(id) {\n        this.byID ??= new Map([...this.manifest].reverse().map(item => [item.id, item]))\n        return this.byID.get(id)",
    ],
];
/* Pages are changed before they are shown, as those of EPUBs are by the `loadText` of a reader. */
const CHANGES_OF_MOBI = [
    [
        "await this.replaceResources(doc)\n",
        "await this.replaceResources(doc)\n        this.changePage(doc)\n",
    ],
    [
        "        const url = URL.createObjectURL(\n            new Blob([this.serializer",
        "        this.changePage(doc)\n        const url = URL.createObjectURL(\n            new Blob([this.serializer",
    ],
];
const adaptFoliate = {
    name: "adapt-foliate",
    setup(build) {
        build.onLoad({ filter: /foliate-js[\\/]paginator\.js$/ }, async ({ path: file }) => {
            const source = readFileSync(file, "utf-8");
            const [element, css] = /<style>([^<]*)<\/style>/.exec(source);
            const options = { loader: "css", target: MODERN };
            const { code } = await esbuild.transform(css.replace("@container ", "@media "), options);
            return {
                contents: patchSource(file, source, CHANGES.concat([[element, `<style>${code}</style>`]])),
            };
        });
        build.onLoad({ filter: /foliate-js[\\/]epub\.js$/ }, ({ path: file }) => ({
            contents: patchSource(file, readFileSync(file, "utf-8"), CHANGES_OF_EPUB),
        }));
        build.onLoad({ filter: /foliate-js[\\/]fixed-layout\.js$/ }, ({ path: file }) => ({
            contents: patchSource(file, readFileSync(file, "utf-8"), CHANGES_OF_FIXED_LAYOUT),
        }));
        build.onLoad({ filter: /foliate-js[\\/]mobi\.js$/ }, ({ path: file }) => ({
            contents: patchSource(file, readFileSync(file, "utf-8"), CHANGES_OF_MOBI),
        }));
    },
};
const BUNDLES = [
    {
        entries: ["site.css", "reader.css", "desk.css", "components.css", "noscript.css"],
        options: { bundle: true, target: MODERN },
    },
    { entries: ["site.js", "player.js", "opening.js", "text.js"], options: { target: "es5" } },
    {
        entries: ["ebook.js", "mobi.js", "ebook-polyfills.js", "pdf.js", "pdf-engine.js", "my-notes.js"],
        options: {
            bundle: true, target: READERS, supported: { "dynamic-import": true }, format: "esm", external: UNUSED, plugins: [adaptFoliate, usedPartsOfPdfjs],
        }, // prettier-ignore
    },
    // a worker of modules needs Chrome 80
    {
        entries: ["pdf-worker.js", "pdf-polyfills.js"],
        options: { bundle: true, target: READERS, format: "iife", plugins: [usedPartsOfPdfjs] },
    },
    {
        entries: ["mark.svg", "favicon.ico", "icon-192.png", "icon-512.png"],
        options: { bundle: true, loader: { ".svg": "copy", ".ico": "copy", ".png": "copy" } },
    },
];

// esbuild-wasm starts `node` from the PATH; that of a Python wheel is not there
process.env.PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`;

const manifest = {};
for (const { entries, options } of BUNDLES) {
    const present = entries.filter((entry) => existsSync(path.join(STATIC, entry)));
    const result = await esbuild.build({
        ...options,
        absWorkingDir: STATIC,
        entryPoints: present,
        entryNames: "[name]-[hash]",
        assetNames: "[name]-[hash]",
        outdir: DIST,
        charset: "utf8",
        legalComments: "none",
        logLevel: "warning",
        metafile: true,
        minify: true,
        sourcemap: false,
        write: true,
    });
    for (const [file, output] of Object.entries(result.metafile.outputs)) {
        const sources = Object.keys(output.inputs)
            .filter((name) => !name.startsWith(`${POLYFILLS}:`)) // which has no file
            .sort();
        const entry = present.find(
            (name) => output.entryPoint === name || (sources.length === 1 && sources[0] === name)
        );
        const checksums = (names) =>
            Object.fromEntries(names.map((name) => [name, sha256(path.join(STATIC, name))]));
        const isLibrary = (name) => name.includes("node_modules/");
        manifest[entry] = {
            file: path.basename(file),
            sources: checksums(sources.concat(entry).filter((name) => !isLibrary(name))),
            libraries: checksums(sources.filter(isLibrary)),
        };
    }
}
const text = `${JSON.stringify(manifest, null, 2)}\n`;
const kept = new Set(["manifest.json", ...Object.values(manifest).map((built) => built.file)]);
for (const name of readdirSync(DIST)) {
    if (!kept.has(name.replace(/\.(gz|br)$/, ""))) rmSync(path.join(DIST, name));
}
for (const { file } of Object.values(manifest)) compress(path.join(DIST, file));
compressFolder(path.join(STATIC, "vendor"));
writeFileSync(path.join(DIST, "manifest.json.new"), text);
renameSync(path.join(DIST, "manifest.json.new"), path.join(DIST, "manifest.json"));
console.log(`Built ${Object.keys(manifest).length} static files into ${path.relative(process.cwd(), DIST)}`);

function sha256(file) {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function compressFolder(folder) {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
        if (entry.isFile()) compress(path.join(entry.parentPath ?? entry.path, entry.name));
    }
}

/* Writes `.gz` and `.br` beside a text, unless they are there and newer; none where it saves less than a tenth. */
function compress(file) {
    if (!COMPRESSIBLE.test(file)) return;
    const data = readFileSync(file);
    const variants = {
        ".gz": () => gzipSync(data, { level: 9 }),
        ".br": () =>
            brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: data.length } }),
    };
    for (const [suffix, pack] of Object.entries(variants)) {
        const target = file + suffix;
        if (existsSync(target) && statSync(target).mtimeMs >= statSync(file).mtimeMs) continue;
        const packed = pack();
        if (packed.length < data.length * 0.9) writeFileSync(target, packed);
        else rmSync(target, { force: true });
    }
}
