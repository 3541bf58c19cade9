/*
 * What stylesheets may not rely on, since phones have Chromium of 2018: it leaves out what it does not know, and a box
 * loses its height or its distance from the next. esbuild rewrites nested rules, `inset` and prefixes; not these.
 */
import stylelint from "stylelint";

const ruleName = "library/old-browsers";
const messages = stylelint.utils.ruleMessages(ruleName, {
    rejected: (what, instead) => `${what}: ${instead}`,
});

const GAPS = new Set(["gap", "row-gap", "column-gap"]);
const GRIDS = new Set(["grid", "inline-grid"]);
const PROPERTIES = {
    "aspect-ratio": "needs Chrome 88; give the box the padding of a `::before`, or a height",
    translate: "needs Chrome 104; use `transform`",
    rotate: "needs Chrome 104; use `transform`",
    scale: "needs Chrome 104; use `transform`",
};
for (const property of ["margin", "padding", "inset", "border"]) {
    for (const axis of ["inline", "block"]) {
        PROPERTIES[`${property}-${axis}`] = "needs Chrome 87; name the sides";
    }
}
const SELECTORS = [
    [/:(is|where|has)\(/, "needs Chrome 88 or newer, and the whole rule is left out before"],
    [/:not\([^()]*,/, "needs Chrome 88, and the whole rule is left out before"],
    [
        /(^|[^(]):focus-visible/,
        "needs Chrome 86; outline `:focus`, and take it away with `:focus:not(:focus-visible)`",
    ],
];
const FUNCTIONS = /(^|[\s,(])(min|max|clamp)\(/;
const UNITS = /\d(dv|sv|lv)(h|w|min|max)\b/;

const rule = (enabled) => (root, result) => {
    if (!enabled) return;
    const reject = (node, what, instead) =>
        stylelint.utils.report({ ruleName, result, node, message: messages.rejected(what, instead) });
    root.walkRules((node) => {
        for (const [pattern, instead] of SELECTORS)
            if (pattern.test(node.selector)) reject(node, node.selector, instead);
    });
    root.walkDecls((node) => {
        if (isInSupports(node)) return;
        const { prop, value } = node;
        if (Object.hasOwn(PROPERTIES, prop)) reject(node, prop, PROPERTIES[prop]);
        if (GAPS.has(prop) && !declares(node, ({ prop, value }) => prop === "display" && GRIDS.has(value)))
            reject(node, prop, "needs Chrome 84 but in a rule with `display: grid`; use margins");
        const isNew = FUNCTIONS.test(value) || UNITS.test(value);
        // a value with a variable is known to be wrong only when it is used, too late for the one before it
        if (isNew && value.includes("var("))
            reject(
                node,
                value,
                "needs Chrome 79 or newer, and no declaration before it holds where there is a variable"
            );
        else if (isNew && !declaresBefore(node))
            reject(node, value, `give ${prop} a value before it that old browsers know`);
    });
};
rule.ruleName = ruleName;
rule.messages = messages;

export default stylelint.createPlugin(ruleName, rule);

function isInSupports(node) {
    for (let parent = node.parent; parent; parent = parent.parent) {
        if (parent.type === "atrule" && parent.name === "supports") return true;
    }
    return false;
}

function declares(node, matches) {
    return node.parent.nodes.some((other) => other.type === "decl" && matches(other));
}

function declaresBefore(node) {
    const before = node.parent.nodes.slice(0, node.parent.index(node));
    return before.some(
        ({ type, prop, value }) =>
            type === "decl" && prop === node.prop && !FUNCTIONS.test(value) && !UNITS.test(value)
    );
}
