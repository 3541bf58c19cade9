"""The help of commands, which the source has in English, in the language of the command."""

from __future__ import annotations

import copy
import inspect

import click

from library_server.cli.localization.language import current_language
from library_server.translations.message_catalogs import load_translation


def translate_help(command: click.Command) -> click.Command:
    """Return a copy of a command, and of those below it, whose help is in the language of the command."""
    language = current_language()
    translated = copy.copy(command)
    translated._help_option = None
    if language != "en":
        translated.help = _translate(command.help, language)
        translated.short_help = (translated.help or "").partition("。")[0]
        translated.params = [_translated_parameter(parameter, language) for parameter in command.params]
    if isinstance(translated, click.Group):
        translated.commands = {name: translate_help(below) for name, below in translated.commands.items()}
    return translated


def _translated_parameter(parameter: click.Parameter, language: str) -> click.Parameter:
    if not isinstance(parameter, click.Option) or parameter.help is None:
        return parameter
    translated = copy.copy(parameter)
    translated.help = _translate(parameter.help, language)
    return translated


def _translate(text: str | None, language: str) -> str | None:
    return load_translation(language, "help").gettext(inspect.cleandoc(text)) if text else text
