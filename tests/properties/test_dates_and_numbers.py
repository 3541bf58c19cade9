"""Dates, numbers, languages, class numbers and ISBNs: any text is a value or none, never an exception."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from library_server.catalogue.normalization.classification import LONGEST_NUMBER, normalize_class
from library_server.catalogue.normalization.date_spellings import LAST_YEAR
from library_server.catalogue.normalization.dates import LONGEST_EDTF, parse_date
from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.normalization.numerals import read_integer, read_numeral, western_digits
from library_server.catalogue.normalization.text import LONGEST_LANGUAGE, normalize, normalize_language, to_storable
from library_server.catalogue.records import fields
from tests.properties.strategies import texts

pytestmark = pytest.mark.property
_DIGITS = "零一二三四五六七八九"


@given(texts)
def test_any_text_is_a_date_within_its_columns_or_none(text: str) -> None:
    parsed = parse_date(text)
    assert parsed.written == text
    assert (parsed.earliest is None) == (parsed.latest is None)
    for day in (parsed.earliest, parsed.latest):
        assert day is None or -LAST_YEAR <= day // 10_000 <= LAST_YEAR
    assert parsed.year is None or -(2**15) <= parsed.year < 2**15
    assert parsed.edtf is None or (len(parsed.edtf) <= LONGEST_EDTF and parsed.edtf.isascii())


@given(
    st.integers(-99_999, 99_999),
    st.sampled_from(["{}", "Y{}", "{}/2000", "2000/{}", "{}~", "约{}年", "{}年代", "{:05d}"]),
)
@pytest.mark.slow
def test_years_beyond_the_columns_have_no_range(year: int, form: str) -> None:
    parsed = parse_date(form.format(year))
    assert parsed.earliest is None or abs(parsed.earliest // 10_000) <= LAST_YEAR


@given(st.integers(1, 9999), st.integers(1, 12), st.integers(1, 28))
def test_days_are_read_in_digits_of_any_script(year: int, month: int, day: int) -> None:
    written = f"{year:04}年{month}月{day}日"
    arabic = written.translate({ord("0") + at: 0x660 + at for at in range(10)})
    assert parse_date(written).earliest == parse_date(arabic).earliest == year * 10_000 + month * 100 + day


@given(texts)
@example("²")
@example("١٢")
@example("1234567890")
def test_any_text_is_a_number_or_none(text: str) -> None:
    assert read_numeral(text) is None or 0 <= (read_numeral(text) or 0) < 10**9
    assert (read_integer(text) is not None) == bool(re.fullmatch(r"[0-9]{1,9}", text))
    assert len(western_digits(text)) == len(text)


@given(st.integers(1, 999))
def test_numbers_in_characters_are_read(number: int) -> None:
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    written = f"{_DIGITS[hundreds]}百" if hundreds else ""
    written += f"{_DIGITS[tens]}十" if tens else "零" if hundreds and ones else ""
    written += _DIGITS[ones] if ones else ""
    assert read_numeral(written) == number
    assert number > 19 or number < 10 or read_numeral(written.removeprefix("一")) == number


@given(texts)
def test_languages_classes_and_isbns_fit_their_columns(text: str) -> None:
    assert len(normalize_language(text) or "") <= LONGEST_LANGUAGE
    assert len(normalize_class(text) or "") <= LONGEST_NUMBER
    assert re.fullmatch(r"[0-9]{13}", normalize_isbn(text) or "9780000000000")


@given(texts)
def test_tidy_text_can_be_stored_and_is_tidy(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)
    for result in (normalize(text), to_storable(text)):
        assert "\0" not in result
        assert result.encode("utf-8").decode("utf-8") == result


@given(st.fixed_dictionaries({}, optional={name: texts | st.none() for name in ("kind", "title", "publisher", "date")}))
def test_any_values_have_a_match_key(values: dict[str, object]) -> None:
    assert len(fields.match_key(values) or "") in {0, 32}
