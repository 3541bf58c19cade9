from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library_server.catalogue.normalization import dates
from library_server.catalogue.normalization.dates import parse_date


@pytest.mark.parametrize(
    ("written", "edtf", "earliest", "latest"),
    [
        ("民国二十三年", "1934", 19340101, 19341231),
        ("民国元年", "1912", 19120101, 19121231),
        ("民国三十年代", "1941/1950", 19410101, 19501231),
        ("民国20年代", "1931/1940", 19310101, 19401231),
        ("康熙六十一年", "1722", 17220101, 17221231),
        ("康熙六十二年", None, None, None),
        ("洪武三十五年", "1402", 14020101, 14021231),
        ("同治十三年", "1874", 18740101, 18741231),
        ("同治十四年", None, None, None),
        ("民国23[1934]", "1934", 19340101, 19341231),
        ("民国23", "1934", 19340101, 19341231),
        ("清光绪三十年(1904)", "1904", 19040101, 19041231),
        ("光绪三十年", "1904", 19040101, 19041231),
        ("康熙元年", "1662", 16620101, 16621231),
        ("乾隆四十五年刻本", "1780", 17800101, 17801231),
        ("明建文元年", "1399", 13990101, 13991231),
        ("咸丰二年", "1852", 18520101, 18521231),
        ("洪武三十一年", "1398", 13980101, 13981231),
        ("民国十十年", None, None, None),
        ("光绪十十年", None, None, None),
        ("公元前221年", "-0220", -2199899, -2198769),
        ("公元前1年", "0000", 101, 1231),
        ("公元前0年", None, None, None),
        ("221 BC", "-0220", -2199899, -2198769),
        ("[1998]", "1998", 19980101, 19981231),
        ("[1998?]", "1998?", 19980101, 19981231),
        ("[199-?]", "199X", 19900101, 19991231),
        ("1998 (2001重印)", "1998", 19980101, 19981231),
        ("1998, ©1997", "1998", 19980101, 19981231),
        ("1998年第2版", "1998", 19980101, 19981231),
        ("©2001", "2001", 20010101, 20011231),
        ("[between 1900 and 1910]", "1900/1910", 19000101, 19101231),
        ("[between 1910 and 1900]", None, None, None),
        ("约1935年", "1935~", 19350101, 19351231),
        ("1998-05", "1998-05", 19980501, 19980531),
        ("2009年6月1日", "2009-06-01", 20090601, 20090601),
        ("二〇〇九年十二月", "2009-12", 20091201, 20091231),
        ("20世纪80年代", "198X", 19800101, 19891231),
        ("八十年代", "198X", 19800101, 19891231),
        ("19世纪80年代", "188X", 18800101, 18891231),
        ("1980年代", "198X", 19800101, 19891231),
        ("1949年前后", "1949~", 19490101, 19491231),
        ("1984至1990", "1984/1990", 19840101, 19901231),
        ("1951/", "1951/", 19510101, 99991231),
        ("/1951", "/1951", 0, 19511231),
        ("Y99999", "Y99999", None, None),
        ("Y17E8", None, None, None),
        ("1978年冬", "1978-24", 19781201, 19781231),
        ("20090601", "2009-06-01", 20090601, 20090601),
        ("1978?", "1978?", 19780101, 19781231),
        ("２００９．６", "2009-06", 20090601, 20090630),
        ("年代不详", None, None, None),
        ("1998-13", None, None, None),
        ("", None, None, None),
    ],
)
def test_dates_as_people_write_them(written: str, edtf: str | None, earliest: int | None, latest: int | None) -> None:
    parsed = parse_date(written)
    assert parsed.written == written
    assert parsed.edtf == edtf
    assert (parsed.earliest, parsed.latest) == (earliest, latest)


@given(st.text(max_size=90))
def test_any_text_is_kept_and_never_fails(text: str) -> None:
    parsed = parse_date(text)
    assert parsed.written == text
    assert (
        parsed.earliest is None
        or parsed.latest is None
        or parsed.earliest <= parsed.latest
        or "/" in (parsed.edtf or "")
    )


@given(
    st.from_regex(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", fullmatch=True)
    | st.dates().map(str)
    | st.dates().map(lambda day: str(day)[:7])
)
@settings(deadline=None, max_examples=150)
@pytest.mark.slow
def test_plain_dates_are_read_as_the_grammar_reads_them(form: str) -> None:
    plain = dates._parse_plain(form, form)
    assert plain == dates._parse_edtf(form, form) if plain else not _is_date(form)


def _is_date(form: str) -> bool:
    """Whether the calendar has this year, month or day, without the code under test."""
    try:
        date.fromisoformat((form + "-01-01")[:10])
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("20190501", "2019-05-01"), ("20191301", None), ("18990501", None), ("2019050", None),
        ("201905010", None), ("", None), ("２０１９0501", None),
    ],
)  # fmt: skip
def test_days_of_eight_digits(digits: str, day: str | None) -> None:
    assert dates.read_compact_date(digits) == day
