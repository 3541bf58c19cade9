"""The body of an HTML page as plain XHTML for a bound EPUB: text, structure and pictures, no programs and no forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from lxml import etree

from ingest_tools.formats.markup import get_attribute, local_name

_KEPT: Final = frozenset(
    ("a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "dd", "del", "div", "dl", "dt",
     "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q",
     "rb", "rp", "rt", "ruby", "s", "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody",
     "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul")
)  # fmt: skip
# some servers put the whole page into a form, and some sites a text into a box from which it can be copied
_BLOCKS: Final = frozenset(
    (
        "address",
        "article",
        "aside",
        "details",
        "dialog",
        "fieldset",
        "footer",
        "form",
        "header",
        "main",
        "nav",
        "noframes",
    )
)
_SOURCE_TEXTS: Final = frozenset(("textarea", "xmp", "listing", "plaintext"))
_DROPPED: Final = frozenset(
    ("script", "style", "head", "title", "meta", "link", "iframe", "object", "embed", "applet", "input",
     "button", "select", "noscript", "template", "svg", "audio", "video", "base")
)  # fmt: skip
_ATTRIBUTES: Final = frozenset(("colspan", "rowspan", "align", "valign"))
_DEEPEST: Final = 200
_HIDDEN: Final = re.compile(r"mso-hide\s*:\s*all", re.IGNORECASE)  # hidden text in pages that Word wrote
# what forums mix into a text against copying; hidden blocks are shown by programs when readers ask for them
_NOISE: Final = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|font-size\s*:\s*0(?:px|pt|em|%)?)\s*(?:[;!]|$)", re.IGNORECASE
)
_NOISE_CLASS: Final = "jammer"
_MIXED_IN: Final = frozenset(
    ("a", "b", "em", "font", "i", "label", "s", "small", "span", "strong", "sub", "sup", "tt", "u")
)


def plain_body(
    root: Any, picture_of: Callable[[Any], str | None], link_to: Callable[[str], str | None] = lambda reference: None
) -> Any:
    """Return a new `body` of what a page shows; `picture_of` gives the name of the picture that an `img` means,
    `link_to` the address in the book of another page.
    """
    body = etree.Element("body")
    copy_elements(root, body, _DROPPED, partial(_copy_element, picture_of=picture_of, link_to=link_to))
    return body


def copy_elements(
    source: Any, target: Any, dropped: frozenset[str], copy: Callable[[Any, str, list[Any]], Any]
) -> None:
    """Append `source` and all in it to `target`, however deep it is, but for comments and what is `dropped` or hidden.

    `copy` makes the new element of an element and its tag in the last of the open elements, and returns that in which
    what it holds goes.
    """
    open_elements = [target]
    dropped_around = 0
    for event, element in etree.iterwalk(source, events=("start", "end", "comment", "pi")):
        tag = local_name(element.tag)
        is_dropped = tag in dropped or _is_hidden(element, tag)
        if event == "start":
            dropped_around += is_dropped
            if not dropped_around:
                open_elements.append(copy(element, tag, open_elements))
                append_text(open_elements[-1], element.text)
            continue
        if event == "end":
            if not dropped_around:
                open_elements.pop()
            dropped_around -= is_dropped
        if not dropped_around and element is not source:
            append_text(open_elements[-1], element.tail)


def _is_hidden(element: Any, tag: str) -> bool:
    """Return whether what an element holds is on no page: not what programs show when readers ask for it."""
    style = element.get("style") or ""
    is_noise = tag in _MIXED_IN and (_NOISE.search(style) is not None or element.get("class") == _NOISE_CLASS)
    return is_noise or _HIDDEN.search(style) is not None


def append_text(parent: Any, text: str | None) -> None:
    """Add text after all that an element holds."""
    if not text:
        return
    last = next(parent.iterchildren(reversed=True), None)  # `len` of an element counts its children
    if last is not None:
        last.tail = (last.tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _copy_element(
    element: Any,
    tag: str,
    open_elements: list[Any],
    picture_of: Callable[[Any], str | None],
    link_to: Callable[[str], str | None],
) -> Any:
    """Return the new element in the innermost open one; that one itself for `html` and `body`, and where nested too
    deep.
    """
    parent = open_elements[-1]
    if tag in {"html", "body"} or len(open_elements) > _DEEPEST:
        return parent
    if tag in {"img", "image"}:
        name = picture_of(element)
        return etree.SubElement(parent, "img", src=name, alt=get_attribute(element, "alt")) if name else parent
    made = etree.SubElement(parent, _name_of_copy(tag))
    identifier = get_attribute(element, "id") or (get_attribute(element, "name") if tag == "a" else "")
    if identifier and not any(character.isspace() for character in identifier):
        made.set("id", identifier)
    for key in _ATTRIBUTES:
        if (value := get_attribute(element, key)).isalnum():
            made.set(key, value)
    href = get_attribute(element, "href").strip() if tag == "a" else ""
    if to_page := link_to(href) if href and not href.startswith("#") else None:
        made.set("href", to_page)
    elif href.startswith(("#", "http://", "https://", "mailto:")):
        made.set("href", href)
    return made


def _name_of_copy(tag: str) -> str:
    if tag in _KEPT:
        return tag
    return "pre" if tag in _SOURCE_TEXTS else "div" if tag in _BLOCKS else "span"
