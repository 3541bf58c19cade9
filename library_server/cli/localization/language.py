"""The language of a command: `--lang`, else that of LC_ALL, LC_MESSAGES or LANG, else Chinese."""

from __future__ import annotations

import gettext as stdlib_gettext
import os
from collections.abc import Mapping

import click

from library_server.translations.message_catalogs import LANGUAGES, LOCALE_DIR, load_translation

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_chosen: list[str] = []  # what `--lang` says, while its command runs


def gettext(sentence: str, **parameters: object) -> str:
    """Return a sentence in the language of the command, formatted with its parameters; imported as `_`."""
    text = load_translation(current_language()).gettext(sentence) if sentence else ""
    return text % parameters if parameters else text


def current_language() -> str:
    """Return the language of the command, one of `LANGUAGES`."""
    return _chosen[-1] if _chosen else language_of_environment(os.environ)


def language_of_environment(environment: Mapping[str, str]) -> str:
    """Return the language of the first variable that is set, as POSIX orders them; Chinese for `C` and for other
    languages.
    """
    locale = next((value for name in _VARIABLES if (value := environment.get(name))), "")
    language = locale.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


def choose_language(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """Use the language that `--lang` names while its command runs; its callback."""
    if value is not None:
        _chosen.append(value)
        context.call_on_close(_chosen.pop)
        translate_click()


def translate_click() -> None:
    """Let Click, which asks the gettext of Python's library, say its errors in the language of the command."""
    stdlib_gettext.bindtextdomain("click", str(LOCALE_DIR))
    stdlib_gettext.textdomain("click")
    os.environ["LANGUAGE"] = current_language()
