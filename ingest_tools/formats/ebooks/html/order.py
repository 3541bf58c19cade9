"""In which order the pages of a book in HTML are read: as its contents list them, then from each to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ingest_tools.formats.markup import get_attribute, local_name
from library_server.catalogue.parts.natural_order import natural_key

_LABEL_LIMIT: Final = 80
_FRAMES: Final = frozenset(("frame", "iframe"))
# labels of links that say where a page lies, and not what it is
_TURNING: Final = frozenset((
    "上一页", "下一页", "上一章", "下一章", "上一回", "下一回", "上一节", "下一节", "上页", "下页", "返回", "返回目录",
    "目录", "首页", "回首页", "回目录", "后退", "前进", "上一頁", "下一頁", "返回目錄", "目錄", "首頁", "next",
    "previous", "prev", "up", "home", "contents", "index", "back", "top",
))  # fmt: skip
_ARROWS: Final = "<>《》〈〉«»←→‹›[]【】（）()|· \u3000"


@dataclass(frozen=True)
class PageLinks:
    """The pages that a page shows in frames, and those that it links to with what it calls them; in its order."""

    frames: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


def links_of(root: Any, resolve: Callable[[str], str | None], pages: set[str]) -> PageLinks:
    """Return the frames and links of a page that lead to `pages`."""
    frames: dict[str, None] = {}
    targets: dict[str, None] = {}
    labels: dict[str, str] = {}
    for element in root.iter():
        tag = local_name(element.tag)
        if tag in _FRAMES and (name := resolve(get_attribute(element, "src"))) in pages and name is not None:
            frames[name] = None
        elif tag in {"a", "area"} and (name := resolve(get_attribute(element, "href"))) in pages and name is not None:
            targets[name] = None
            label = " ".join(str(element.xpath("string()")).split())
            if 0 < len(label) <= _LABEL_LIMIT and label.strip(_ARROWS).lower() not in _TURNING:
                labels.setdefault(name, label)
    return PageLinks(tuple(frames), tuple(targets), labels)


def reading_order(first: str, pages: Mapping[str, PageLinks]) -> list[str]:
    """Return the pages in reading order; those that nothing leads to come last, in the order of their names."""
    order = [first]
    for name in order:  # which grows by the frames in frames
        order += [frame for frame in pages[name].frames if frame not in order and frame in pages]
    listing = sorted(order, key=lambda name: -len(pages[name].targets))
    seen = set(order)
    for name in listing:
        added = [target for target in pages[name].targets if target in pages and target not in seen]
        order += added
        seen.update(added)
    at = 0
    while at < len(order):
        added = [target for target in pages[order[at]].targets if target in pages and target not in seen]
        order[at + 1 : at + 1] = added
        seen.update(added)
        at += 1
    return order + sorted(pages.keys() - seen, key=natural_key)
