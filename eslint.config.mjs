import js from "@eslint/js";
import globals from "globals";

const STATIC = "library_server/web/static";

export default [
    { ignores: [`${STATIC}/vendor/`, `${STATIC}/dist/`, "node_modules/", ".venv/", "site/"] },
    js.configs.recommended,
    {
        rules: {
            eqeqeq: "error",
            "no-implied-eval": "error",
            "no-var": "off",
        },
    },
    {
        // every page and the player: old television boxes know ES5 only
        files: [`${STATIC}/site.js`, `${STATIC}/player.js`, `${STATIC}/opening.js`, `${STATIC}/text.js`],
        languageOptions: { ecmaVersion: 5, sourceType: "script", globals: globals.browser },
        rules: { strict: ["error", "function"], "no-unused-vars": ["error", { caughtErrors: "none" }] },
    },
    {
        files: [
            `${STATIC}/ebook.js`,
            `${STATIC}/mobi.js`,
            `${STATIC}/my-notes.js`,
            `${STATIC}/ebooks/**/*.js`,
            `${STATIC}/pdf*.js`,
            `${STATIC}/pdf/**/*.js`,
        ],
        languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals.browser },
        rules: { "prefer-const": "error", "no-var": "error" },
    },
    {
        files: ["scripts/*.mjs"],
        languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals.node },
        rules: { "prefer-const": "error", "no-var": "error" },
    },
];
