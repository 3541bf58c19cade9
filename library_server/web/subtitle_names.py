"""How subtitles are called: their language, or both of them, and whom they are for."""

from __future__ import annotations

import re

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _

from library_server.catalogue.dto import AssetView

_TRACK = re.compile(r"-\d{1,2}\Z")  # of subtitles inside a film, behind their languages; `es-419` is a language
FORCED, SDH = "forced", "sdh"
_SIMPLIFIED = frozenset(("zh-hans", "zh-cn", "zh-sg", "zh-hans-cn", "zh-hans-sg"))
_TRADITIONAL = frozenset(("zh-hant", "zh-tw", "zh-hk", "zh-mo", "zh-hant-tw", "zh-hant-hk", "zh-hant-mo"))
# spoken forms of Chinese: what is written of them is no script of its own, so that they keep `语` in their names
_SPOKEN = frozenset(("yue", "wuu", "nan", "hak", "hsn", "gan", "cdo", "cmn"))


def language_name(tag: str) -> str:
    """Return a language's name in the language of the page."""
    locale = get_locale() or Locale("zh")
    return str(locale.languages.get(tag) or locale.languages.get(tag.split("-")[0]) or tag)


def is_forced(asset: AssetView) -> bool:
    """Return whether subtitles are only of what is said in another language than the film's."""
    return FORCED in _list_purposes(asset)


def subtitle_name(asset: AssetView) -> str:
    """Return the name of subtitles in lists: `简体`, `繁体+日文`, `中英双语`, `英文（听障字幕）`."""
    languages = _TRACK.sub("", asset.label.partition(".")[0]).split("+")
    if languages in (["zh", "en"], ["zh", "eng"]):
        name: str = _("中英双语")
    elif len(languages) > 1:
        name = "+".join(map(_written_name, languages))
    else:
        name = _written_name(asset.language or "zh")
    if SDH in _list_purposes(asset):
        name += _("（听障字幕）")
    if is_forced(asset):
        name += _("（只有外语对白）")
    return name


def _written_name(tag: str) -> str:
    """Return how a language is written: the script of Chinese, `英文` for `英语`."""
    code = tag.lower()
    if code in _SIMPLIFIED:
        return str(_("简体"))
    if code in _TRADITIONAL:
        return str(_("繁体"))
    name = language_name(tag)
    is_spoken = code.partition("-")[0] in _SPOKEN
    return f"{name[:-1]}文" if name.endswith("语") and not is_spoken else name


def _list_purposes(asset: AssetView) -> list[str]:
    return asset.label.split(".")[1:]
