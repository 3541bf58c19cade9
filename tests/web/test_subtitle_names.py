"""How the player calls subtitles, by the label that ingest gave them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale

from library_server.catalogue.dto import AssetView
from library_server.web.subtitle_names import subtitle_name


@pytest.mark.parametrize(
    ("label", "chinese", "english"),
    [
        ("zh-hans", "简体", "Simplified Chinese"), ("zh-cn", "简体", "Simplified Chinese"),
        ("zh-hant", "繁体", "Traditional Chinese"), ("zh-tw", "繁体", "Traditional Chinese"),
        ("zh-hk", "繁体", "Traditional Chinese"), ("zh", "中文", "Chinese"), ("yue", "粤语", "Cantonese"),
        ("zh-hans+en", "简体+英文", "Simplified Chinese+English"),
        ("ja+zh-hant", "日文+繁体", "Japanese+Traditional Chinese"),
        ("zh+en", "中英双语", "Chinese and English"), ("zh-hans+en-2", "简体+英文", "Simplified Chinese+English"),
        ("zh-hant-10.forced", "繁体（只有外语对白）", "Traditional Chinese (foreign dialogue only)"),
        ("en.sdh", "英文（听障字幕）", "English (for the hard of hearing)"), ("fr", "法文", "French"),
    ],
)  # fmt: skip
def test_script_and_languages_are_named(client: FlaskClient, label: str, chinese: str, english: str) -> None:
    language = label.partition(".")[0].partition("+")[0].removesuffix("-10")
    made = datetime(2026, 11, 1, tzinfo=UTC)
    asset = AssetView("a", "r", "subtitle", label, "text/vtt", language, 10, "0" * 64, "k", None, made)
    with client.application.test_request_context():
        for locale, name in (("zh", chinese), ("en", english)):
            with force_locale(locale):
                assert subtitle_name(asset) == name
