"""How subtitles are called: their language, or both of them, and whom they are for."""

from __future__ import annotations

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _

from library_server.catalogue.dto import AssetView

FORCED, SDH = "forced", "sdh"


def language_name(tag: str) -> str:
    """Return a language's name in the language of the page."""
    locale = get_locale() or Locale("zh")
    return str(locale.languages.get(tag) or locale.languages.get(tag.split("-")[0]) or tag)


def is_forced(asset: AssetView) -> bool:
    """Return whether subtitles are only of what is said in another language than the film's."""
    return FORCED in _list_purposes(asset)


def subtitle_name(asset: AssetView) -> str:
    """Return the name of subtitles in lists: `中英双语`, `英语（听障字幕）`."""
    name: str
    languages = asset.label.partition(".")[0].split("+")
    if len(languages) == 2 and languages[0].startswith("zh") and languages[1] in {"en", "eng"}:
        name = _("中英双语")
    elif len(languages) > 1:
        name = " / ".join(map(language_name, languages))
    else:
        name = language_name(asset.language or "zh")
    if SDH in _list_purposes(asset):
        name += _("（听障字幕）")
    if is_forced(asset):
        name += _("（只有外语对白）")
    return name


def _list_purposes(asset: AssetView) -> list[str]:
    return asset.label.split(".")[1:]
