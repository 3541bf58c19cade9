"""Values of the fields of records in the words of a reader, whichever face shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from library_server.translations.message_catalogs import gettext_noop as _
from library_server.translations.rendering import Gettext

_WORDS = {
    "creators": {
        "author": _("著"), "composer": _("作曲"), "lyricist": _("作词"),
        "editor": _("编"), "translator": _("译"), "lecturer": _("主讲"), "director": _("导演"),
        "performer": _("演出"), "photographer": _("摄"), "narrator": _("播讲"), "contributor": "",
    },
    "kind": {
        "book": _("图书"), "audio": _("有声"), "lecture": _("讲座"), "film": _("影片"), "performance": _("戏曲"),
        "story": _("故事"), "person": _("人物"), "photo": _("照片"),
    },
    "access": {"public": _("公开"), "members": _("读者证可看"), "premises": _("到馆可看")},
    "status": {"draft": _("未公开"), "published": _("公开"), "withdrawn": _("已收回")},
    "asset_role": {
        "original": _("原件"), "cover": _("封面"), "thumbnail": _("缩略图"), "rendition": _("转码"),
        "subtitle": _("字幕"), "text": _("文字"), "page_image": _("页图"),
    },
    "batch_state": {
        "running": _("正在入库"), "finished": _("做完了"), "interrupted": _("中途停了"), "undone": _("已撤销"),
    },
}  # fmt: skip


def value_text(field: str, value: Any, gettext: Gettext) -> str:
    """Return a value of a field (JSON) in one line, nothing as nothing: never a bracket or a name of the program."""
    if isinstance(value, dict):
        parts = [" ".join(filter(None, (name, value_text("", part, gettext)))) for name, part in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [_join_parts(field, part, gettext) for part in value]
    else:
        parts = [_translate_word(field, value, gettext)]
    return gettext(_("；")).join(filter(None, parts))


def _join_parts(field: str, part: Any, gettext: Gettext) -> str:
    """Return an item of a list; one with parts of its own (a name with its role, an ISBN with its price) divided by
    spaces.
    """
    parts: Sequence[Any] = part if isinstance(part, (list, tuple)) else [part]
    words = [value_text("", one, gettext) if isinstance(one, (list, tuple)) else _translate_word(field, one, gettext)
             for one in parts if not isinstance(one, bool)]  # fmt: skip
    return " ".join(filter(None, words))


def _translate_word(field: str, value: Any, gettext: Gettext) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext(_("是") if value else _("否"))
    word = _WORDS.get(field, {}).get(str(value))
    return gettext(word) if word else "" if word == "" else str(value)
