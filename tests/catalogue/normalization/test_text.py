"""Text as the catalogue keeps it, and languages as BCP 47 tags."""

from __future__ import annotations

import pytest

from library_server.catalogue.normalization.text import fold_punctuation, normalize, normalize_language, to_storable


@pytest.mark.parametrize(
    ("text", "storable"),
    [
        ("plain", "plain"),
        ("a\0b", "ab"),
        ("甲\0乙", "甲乙"),
        ("甲\ud800乙\udfff", "甲\ufffd乙\ufffd"),
        ("甲\t乙\n", "甲\t乙\n"),
    ],
)
def test_text_is_made_storable(text: str, storable: str) -> None:
    assert to_storable(text) == storable


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("渡口", "渡口"),
        ("  渡  口 ", "渡 口"),
        ("渡\t口\u3000老\u00a0街\n", "渡 口 老 街"),
        ("caf\u0065\u0301", "caf\u00e9"),
        ("cafe\u200b\u0301", "caf\u00e9"),
        ("渡\u200b\ufeff口", "渡口"),
        ("co\u00adoperate", "cooperate"),
        ("渡\x07\x7f口", "渡口"),
        ("渡\ud800口", "渡口"),
        ("渡\u0378口", "渡口"),
        ("\ue000 \U0001f41f", "\ue000 \U0001f41f"),
        (" \n\t", ""),
    ],
)
def test_text_is_normalized(text: str, tidy: str) -> None:
    assert normalize(text) == tidy


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("O’Brien", "O'Brien"),
        ("O`Brien", "O'Brien"),
        ("1998—05", "1998-05"),
        ("１９９８－０５", "1998-05"),
        ("ﬁ", "fi"),
    ],
)
def test_punctuation_is_folded(text: str, folded: str) -> None:
    assert fold_punctuation(text) == folded


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("chi", "zh"),
        ("zh_CN", "zh-CN"),
        (" EN ", "en"),
        ("und", None),
        ("zz", None),
        ("中文", None),
        ("-", None),
        ("", None),
        (None, None),
        ("zh" + " " * 100, "zh"),
        ("en-a-abcd-abcd-abcd-abcd-abcd-abcde", "en-a-abcd-abcd-abcd-abcd-abcd-abcde"),
        ("en-a-abcd-abcd-abcd-abcd-abcd-abcdef", None),
    ],
)
def test_languages_become_bcp_47_tags(text: str | None, tag: str | None) -> None:
    assert normalize_language(text) == tag
