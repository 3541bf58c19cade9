"""Books in the reader of a browser: the frame that shows a text, and words that are selected in it."""

from __future__ import annotations

from playwright.sync_api import Frame, Page, expect

from tests.support.pages import wait_for_text

SELECT = """words => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const [first, last] = Array.isArray(words) ? words : [words, words];
    let start;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!start && node.data.includes(first)) start = [node, node.data.indexOf(first)];
        const at = start ? node.data.indexOf(last, node === start[0] ? start[1] : 0) : -1;
        if (at < 0) continue;
        getSelection().setBaseAndExtent(...start, node, at + last.length);
        return;
    }
    throw new Error(`no words: ${words}`);
}"""


def frame_with(page: Page, text: str) -> Frame:
    """The frame of the book that shows a text; waits until there is one."""
    return wait_for_text(page, text, seconds=10)


def open_book(page: Page, record: str, text: str) -> Frame:
    """Open a book; returns the frame that shows a text of it."""
    page.goto(f"/read/{record}")
    frame = frame_with(page, text)
    expect(page.locator("#status")).to_have_count(0)
    return frame


def select_words(frame: Frame, first: str, last: str = "") -> None:
    """Select the words on a page, or all from the first to the last, as a finger does: without a key or a click."""
    frame.evaluate(SELECT, [first, last or first])


def marks(page: Page, name: str) -> list[dict[str, float]]:
    """The boxes of the marks of a kind, such as `highlight-yellow`, in pixels of the window."""
    script = """name => {
        const overlays = window.overlaysOfTests || [];
        return overlays.flatMap(svg => [...svg.querySelectorAll("rect")])
            .filter(rect => rect.isConnected && rect.style.fill.includes(`--${name},`))
            .map(rect => { const { x, y, width, height } = rect.getBoundingClientRect();
                return { x, y, width, height }; });
    }"""
    found: list[dict[str, float]] = page.evaluate(script, name)
    return found


WATCH_OVERLAYS = """
window.overlaysOfTests = [];
const create = Document.prototype.createElementNS;
Document.prototype.createElementNS = function (namespace, name) {
    const made = create.call(this, namespace, name);
    if (name === "svg") (window.top.overlaysOfTests || []).push(made);
    return made;
};
"""
