"""Dates in lists, MARC records and files that mean what another spelling says."""

from __future__ import annotations

import pytest

from library_server.catalogue.normalization.dates import parse_date


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("二○○八年", "2008"),
        ("二〇〇八年三月", "2008-03"),
        ("二Ｏ〇八年", "2008"),
        ("二O一二年", "2012"),
        ("二00八年五月", "2008-05"),
        ("贰零零捌年", "2008"),
        ("二千零八年", "2008"),
        ("一九五八", "1958"),
        ("民国廿三年", "1934"),
        ("民国卅八年", "1949"),
        ("民國廿年", "1931"),
        ("民二十三年", "1934"),
        ("光緒三十年", "1904"),
        ("清光绪甲辰年", "1904"),
        ("万历乙卯", "1615"),
        ("康熙五十五年丙申", "1716"),
        ("昭和10年", "1935"),
        ("大正三年", "1914"),
        ("明治元年", "1868"),
        ("令和2年", "2020"),
        ("清乾隆", "1736/1796"),
        ("光绪年间", "1875/1908"),
        ("民国丙子", "1936"),
    ],
)
def test_chinese_and_japanese_years(written: str, edtf: str) -> None:
    assert parse_date(written).edtf == edtf


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("May 1998", "1998-05"),
        ("12-May-1998", "1998-05-12"),
        ("May 12, 1998", "1998-05-12"),
        ("2nd Sept. 1998", "1998-09-02"),
        ("1998 Oct", "1998-10"),
        ("Spring 1998", "1998-21"),
        ("12/31/1998", "1998-12-31"),
        ("31.12.1998", "1998-12-31"),
        ("08/2008", "2008-08"),
        ("5/5/1998", "1998-05-05"),
        ("MCMXCVIII", "1998"),
        ("M.DCC.XCVIII.", "1798"),
    ],
)
def test_dates_of_other_languages(written: str, edtf: str) -> None:
    assert parse_date(written).edtf == edtf


def test_a_date_whose_month_and_day_may_be_exchanged_keeps_its_year_alone() -> None:
    assert parse_date("5/12/1998").edtf == "1998"


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("1998年5月第1版第2次印刷", "1998-05"),
        ("1998年5月1版", "1998-05"),
        ("1959年9月第1版1982年11月第2次印刷", "1959-09"),
        ("2009年6月北京第1版", "2009-06"),
        ("1979年10月长沙第一次印刷", "1979-10"),
        ("1982年5月新1版", "1982-05"),
        ("1998年5月出版", "1998-05"),
        ("1998年版", "1998"),
        ("1998年 第3期", "1998"),
        ("1998 printing, c1995", "1998"),
        ("1998.5 (2003.1重印)", "1998-05"),
        ("c1998", "1998"),
        ("ⓒ1998", "1998"),
        ("ca. 1900", "1900~"),
        ("c. 1900", "1900~"),
        ("1998 [i.e. 1999]", "1999"),
        ("〔1998〕", "1998"),
        ("[19世纪]", "18XX"),
        ("5758 [1997 or 1998]", "1997/1998"),
    ],
)
def test_what_a_title_page_adds_to_a_date(written: str, edtf: str) -> None:
    assert parse_date(written).edtf == edtf


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("1998-05-12 00:00:00", "1998-05-12"),
        ("1998/5/12 0:00", "1998-05-12"),
        ("1998年5月12日 10:30", "1998-05-12"),
        ("20080512103000", "2008-05-12"),
        ("2008年8月8日星期五", "2008-08-08"),
        ("2010-05-00", "2010-05"),
        ("2010-00-00", "2010"),
        ("1998\\5\\12", "1998-05-12"),
        ("1998·5", "1998-05"),
        ("2008 8 8", "2008-08-08"),
        ("1998.", "1998"),
        ("公元1998年", "1998"),
    ],
)
def test_dates_as_programs_write_them(written: str, edtf: str) -> None:
    assert parse_date(written).edtf == edtf


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("1998-2003", "1998/2003"),
        ("1998-99", "1998/1999"),
        ("1998/99", "1998/1999"),
        ("1998-", "1998/"),
        ("1998年5月-6月", "1998-05/1998-06"),
        ("1998.5-1999.6", "1998-05/1999-06"),
        ("[19--]", "19XX"),
        ("198x", "198X"),
        ("十九世纪", "18XX"),
        ("上世纪八十年代", "198X"),
        ("1980年代末", "198X"),
        ("1950's", "195X"),
        ("2008年度", "2008"),
        ("1998年上半年", "1998"),
        ("2008年3月中旬", "2008-03"),
        ("1998-05", "1998-05"),
    ],
)
def test_times_that_are_longer_or_less_certain(written: str, edtf: str) -> None:
    assert parse_date(written).edtf == edtf


@pytest.mark.parametrize(
    "written",
    [
        "0000-00-00",
        "1900-01-00",
        "98年5月",
        "清末",
        "民国年间",
        "庚子年",
        "康熙甲辰乙巳",
        "昭和百年",
        "2003-1998",
        "MIX",
        "1998年13月",
    ],
)
def test_what_is_no_date_is_not_made_one(written: str) -> None:
    assert parse_date(written).edtf is None


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("May-98", "1998-05"),
        ("Jun-03", "2003-06"),
        ("1998年5月1日 0:00:00", "1998-05-01"),
        ("清同治十三年（1874）刻本", "1874"),
        ("民国二十三年（1934）铅印本", "1934"),
        ("1985年第2季度", "1985-04/1985-06"),
        ("1985年四季度", "1985-10/1985-12"),
        ("民85", "1996"),
        ("[1998-2003]", "1998/2003"),
        ("198?", "198X"),
        ("[198?]", "198X"),
        ("清光绪间[1875-1908]", "1875/1908"),
        ("康德三年", "1936"),
        ("洪宪元年", "1916"),
        ("西历1936年", "1936"),
        ("1409 [1989]", "1989"),
        ("1368 [1989]", "1989"),
        ("1409 [1589]", "1409"),
        ("1998 (2001重印)", "1998"),
    ],
)
def test_dates_of_old_books_and_of_spreadsheets(written: str, edtf: str) -> None:
    assert parse_date(written).edtf == edtf


@pytest.mark.parametrize("written", ["May-45", "Abc-98", "洪宪二年", "1985年第5季度", "民"])
def test_what_looks_like_such_a_date_is_none(written: str) -> None:
    assert parse_date(written).edtf is None
