"""Stories: Markdown to HTML, with raw HTML shown as text and links to other sites marked."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

MARKUP_AT_MOST = 4000
PLAIN_ABOVE = 50_000
_MARKUP = frozenset("[]()<>*_`!&\\~")
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image"])


def story_html(text: str) -> Markup:
    """Safe HTML of a page of a story; markdown-it escapes all raw HTML and refuses `javascript:` links.

    Some parts of Markdown take time by the square of their length (24,000 brackets take 0.8 s): a page of more than
    `PLAIN_ABOVE` characters, or `MARKUP_AT_MOST` of markup, is shown as plain paragraphs.
    """
    if len(text) > PLAIN_ABOVE or sum(character in _MARKUP for character in text) > MARKUP_AT_MOST:
        return _render_plain(text)
    return Markup(_markdown.render(text))  # noqa: S704 - markdown-it escapes raw HTML


def _render_plain(text: str) -> Markup:
    paragraphs = (line.strip() for line in text.split("\n"))
    return Markup("\n").join(Markup("<p>{}</p>").format(escape(line)) for line in paragraphs if line)
