/* Changes to the sources of libraries, which are sure to be those that the changes were made for. */

/* Returns `source` with each text of `changes`, `[from, to]`, replaced once; `file` is named where one is not there. */
export function patchSource(file, source, changes) {
    return changes.reduce((text, [from, to]) => {
        if (!text.includes(from)) refusePatch(file);
        return text.replace(from, () => to);
    }, source);
}

export function refusePatch(file) {
    throw new Error(`${file} is not the one that its patches are for`);
}
