"""Dates as people write them, read into EDTF (ISO 8601-2, level 1) and a sortable range of days."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from library_server.catalogue.normalization.date_spellings import BRANCHES, LAST_YEAR, REIGNS, STEMS, respell
from library_server.catalogue.normalization.numerals import DIGITS, read_numeral, western_digits
from library_server.lazy_patterns import lazy_pattern

MINGUO_OFFSET = 1911
OPEN_START, OPEN_END = 0, 9999_12_31
LONGEST = 80
LONGEST_EDTF = 64
_CN = r"[〇零一二三四五六七八九十\d]"
_MINGUO = lazy_pattern(rf"民国\s*(元|{_CN}{{1,3}}+)\s*年?+(?!代)")
_MINGUO_DECADE = lazy_pattern(r"民国\s*([一二三四五六七八九]?十|\d0)\s*年代")
_REIGN = lazy_pattern(rf"[明清]?[朝代]?({'|'.join(REIGNS)})\s*(元|{_CN}{{1,3}})\s*年?")
_REIGN_AND_CYCLE = lazy_pattern(rf"[明清]?[朝代]?({'|'.join(REIGNS)})\s*([{STEMS}])([{BRANCHES}])年?")
_REIGN_ALONE = lazy_pattern(rf"[明清]?[朝代]?({'|'.join(REIGNS)})(?:年?间|年号|朝|时期)?")
_MINGUO_CYCLE = lazy_pattern(rf"民国\s*([{STEMS}])([{BRANCHES}])年?")
_MINGUO_YEARS = (1912, 1949)
_OTHER_ERA = lazy_pattern(r"(?:2[2-9]|[3-9]\d)\d{2}")  # years of other calendars: 5758 is 1997 in that of the Jews
_BRACKETS = str.maketrans("〔〕【】〈〉", "[][][]")
_BEFORE_CHRIST = lazy_pattern(r"(?:公元|西元)?前\s*(\d{1,4})\s*年?|(\d{1,4})\s*(?:BCE?|B\.C\.(?:E\.)?)", re.IGNORECASE)
_BETWEEN = lazy_pattern(r"(?:between\s+)?(\d{4})\s+(?:and|or)\s+(\d{4})\??", re.IGNORECASE)
_WITH_OTHER = lazy_pattern(r"(?P<main>[^\[\]()（）]+?)\s*[\[(（](?P<other>[^\[\]()（）]+)[\])）]")
_CLUTTER = lazy_pattern(
    r"^(?:[©cp℗]|copyright|anno)\s*(?=\d{4})"
    r"|(?:[\s,，、(]{0,2}(?:第?\s?[0-9一二三四五六七八九十]{1,3}\s?[版次期号](?:出版|印刷|印)?|[初再新修订]{1,2}版|出版|发行|版"
    r"|印刷|重印|影印|(?:木|石|铅印|活字|油印|影|抄|稿|石印)?刻?本|刊本|刊|刻|印本|印|摄|拍摄|绘|制|printing|reprint|ed)\.?\)?){1,4}$",
    re.IGNORECASE,
)
_NUMERIC = lazy_pattern(
    r"(?P<y>\d{4})(?:\s*[-年./]\s*(?P<m>\d{1,2})(?:\s*[-月./]\s*(?P<d>\d{1,2}))?)?\s*[年月日号]?(?!\d)"
)
_YEARS = lazy_pattern(r"\d{4}/\d{4}")
_DECADE = lazy_pattern(r"(?:(?P<c>\d{2})世纪)?(?P<d>\d0)年代|(?P<f>\d{3}0)(?:年代|s)")
_RANGE = lazy_pattern(r"^(.+?)\s*(?:~|—+|－|至|到|/|--)\s*(.+)$")
_SEASONS = {"春": "21", "夏": "22", "秋": "23", "冬": "24"}
_SEASON = lazy_pattern(r"(\d{4})年?(?:的)?([春夏秋冬])(?:天|季)?")
_COMPACT = lazy_pattern(r"(\d{4})(\d{2})(\d{2})")
_COMPACT_DAY = lazy_pattern(r"(?:19|20)\d{6}")
_PLAIN = lazy_pattern(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")
_ZEROS = lazy_pattern(r"0+(?:[-/.年]0+)*(?:[-/.年月日])?")
_NUMBER = lazy_pattern(
    r"[-+]?\d{5}|[-+]?\d{7,}|[-+]\d{6}|\d{4}(?:00|1[3-9]|[2-9]\d)"
)  # of which none is a year or month
_UTC_MIDNIGHT = lazy_pattern(r"(\d{4}-\d\d-\d\d)T(?:1[3-9]|2\d):(?:00|30|45)(?::00(?:\.0{1,9})?)?(?:Z|[+-]00:?00)")
_ABOUT = lazy_pattern(r"^(?:约|大约|约在|ca\.?|c\.\s?|c\s|circa)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class DateRange:
    """A date as written, its EDTF form where one could be read, and its days as yyyymmdd integers."""

    written: str
    edtf: str | None = None
    earliest: int | None = None
    latest: int | None = None

    @property
    def year(self) -> int | None:
        """The first year it may mean, for facets and short display."""
        return self.earliest // 10_000 if self.earliest else None


def parse_date(written: str) -> DateRange:
    """Parse a date: 民国二十三年, 约1935年, 1998-05, 八十年代, 1984至1990, or EDTF level 1 itself.

    What cannot be read is kept as written, without a range. Text longer than `LONGEST` characters is no date. A date
    outside the years -9999 to 9999 (`Y99999`) keeps its EDTF form and has no range. Years with an exponent (`Y17E8`)
    are not read: the EDTF parser takes minutes for a large one.
    """
    bare = written.strip() if len(written) > LONGEST else written
    return DateRange(written) if len(bare) > LONGEST else replace(_parse(bare), written=written)


def read_compact_date(digits: str) -> str | None:
    """Return a day of this century or the last in eight digits (`20190501`) with hyphens; None for any other text."""
    day = "-".join((digits[:4], digits[4:6], digits[6:]))
    return day if _COMPACT_DAY.fullmatch(digits) and parse_date(day).edtf else None


def local_day(written: str) -> str:
    """Return a date without its time.

    calibre writes midnight of its own time zone in UTC: in China, 1 January 2010 is `2009-12-31T16:00:00+00:00`.
    """
    day = written.strip().partition("T")[0]
    if not (midnight := _UTC_MIDNIGHT.fullmatch(written.strip())):
        return day
    try:
        return (dt.date.fromisoformat(midnight[1]) + dt.timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return day


def is_in_future(written: str, today: dt.date, *, years: int = 0) -> bool:
    """Return whether a date begins after this day, or so many years after it: clocks that are not set, and 9999 for
    none.
    """
    earliest = parse_date(written).earliest
    return earliest is not None and earliest > (today.year + years) * 10_000 + today.month * 100 + today.day


def is_credible(written: str, today: dt.date) -> bool:
    """Return whether a date may be meant: not after the next year (books are announced), and no number or zeros.

    One bound for all sources of values: files, what lies next to them, and lists.
    """
    if is_in_future(written, today, years=1) or _ZEROS.fullmatch(written.strip()):
        return False
    parsed = parse_date(written)
    if parsed.edtf is not None:
        return parsed.earliest is not None
    return not _NUMBER.fullmatch(unicodedata.normalize("NFKC", written).strip())


@lru_cache(maxsize=8192)  # the dates of a batch repeat
def _parse(written: str) -> DateRange:
    text = western_digits(unicodedata.normalize("NFKC", written)).translate(_BRACKETS).strip()
    form = _as_edtf(respell(text))
    if form is None or len(form) > LONGEST_EDTF:
        return DateRange(written)
    return _parse_plain(form, written) or _parse_edtf(form, written)


def _parse_plain(form: str, written: str) -> DateRange | None:
    """Return a year, month or day with nothing unsure, which most dates are: the EDTF grammar takes 9 ms for each."""
    if not (match := _PLAIN.fullmatch(form)):
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        start = dt.date(year or 0, month or 1, day or 1)
        end = start if day else start.replace(month=month or 12, day=calendar.monthrange(start.year, month or 12)[1])
    except ValueError:
        return None
    return DateRange(
        written, form, _sortable_day(start.timetuple(), OPEN_START), _sortable_day(end.timetuple(), OPEN_END)
    )


def _parse_edtf(form: str, written: str) -> DateRange:
    import edtf

    try:
        value = edtf.parse_edtf(form)
        earliest, latest = (
            _sortable_day(value.lower_strict(), OPEN_START),
            _sortable_day(value.upper_strict(), OPEN_END),
        )
    except Exception:  # edtf raises types of its own and of pyparsing, time and dateutil: all mean that it is no date
        return DateRange(written)
    if any(abs(day // 10_000) > LAST_YEAR for day in (earliest, latest)):
        return DateRange(written, form)
    if form.startswith("/"):
        earliest = OPEN_START  # an unknown end of an interval bounds nothing
    if form.endswith("/"):
        latest = OPEN_END
    return DateRange(written, form, earliest, latest)


def _sortable_day(moment: object, otherwise: int) -> int:
    """Return a day as the integer yyyymmdd; `otherwise` for the open end of an interval."""
    try:
        year, month, day = moment[:3]  # type: ignore[index]
    except TypeError:  # an open end of an interval is given as a float infinity
        return otherwise
    return int(year) * 10_000 + int(month) * 100 + int(day)


def _as_edtf(text: str) -> str | None:
    if not text or len(text) > 80:
        return None
    if decade := _MINGUO_DECADE.fullmatch(text):
        first_year = MINGUO_OFFSET + (read_numeral(decade[1]) or 0)
        return f"{first_year}/{first_year + 9}"
    if reign := _REIGN_ALONE.fullmatch(text):
        first, last = REIGNS[reign[1]]
        return f"{first}/{last}" if last < LAST_YEAR else None
    single = _parse_single(text) or _parse_transcribed(text)
    if single:
        return single
    if span := _RANGE.match(text):
        start, end = _parse_single(span[1]), _parse_single(span[2])
        if start and end:
            return f"{start}/{end}"
    return text if re.fullmatch(r"[-\dXYSuTZ:~?%/.]+", text) and re.search(r"\d{2}", text) else None


def _parse_transcribed(text: str) -> str | None:
    """Return a date as cataloguers transcribe it: `[1998?]`, `民国23[1934]`, `1998 (2001重印)`, `1998, ©1997`."""
    if text.startswith("[") and text.endswith("]") and "[" not in text[1:]:
        return _parse_part(text[1:-1])
    if decade := re.fullmatch(r"(\d{3})-\??", text):
        return f"{decade[1]}X"
    if between := _BETWEEN.fullmatch(text):
        return f"{between[1]}/{between[2]}" if between[1] < between[2] else None
    if both := _WITH_OTHER.fullmatch(text):
        main, other = (_parse_part(_CLUTTER.sub("", both[name])) for name in ("main", "other"))
        return other if other and (main is None or _is_of_other_era(main, other)) else main
    first = re.split("[,;]", text, maxsplit=1)[0]
    if first != text:
        return _parse_single(_CLUTTER.sub("", first))
    bare = _CLUTTER.sub("", text)
    return _parse_single(bare) or _parse_transcribed(bare) if bare != text else None


def _parse_part(text: str) -> str | None:
    """Return what stands within brackets, or before them: a date, or the years between two."""
    bare = respell(text.strip())
    if reign := _REIGN_ALONE.fullmatch(bare):
        bare = "/".join(map(str, REIGNS[reign[1]]))
    return bare if _YEARS.fullmatch(bare) else _parse_single(bare) or _parse_transcribed(bare)


def _is_of_other_era(main: str, other: str) -> bool:
    """Return whether a year is one of another calendar: 5758 of the Jews, 1409 of Islam or of Iran with 1989."""
    if _OTHER_ERA.fullmatch(main):
        return True
    if not (re.fullmatch(r"1[1-4]\d\d", main) and re.fullmatch(r"\d{4}", other)):
        return False
    return any(abs(int(other) - year) <= 1 for year in (int(main) * 0.97 + 622, int(main) + 621))


def _parse_single(text: str) -> str | None:
    about = _ABOUT.match(text)
    qualifier = "~" if about or text.endswith(("左右", "前后", "~")) else "?" if text.endswith(("?", "(?)")) else ""
    text = re.sub(r"(左右|前后|[~?]|\(\?\))$", "", text[about.end() :] if about else text).strip()
    text = _MINGUO_CYCLE.sub(_minguo_cycle_year, text)
    text = _REIGN_AND_CYCLE.sub(_cycle_year, _REIGN.sub(_reign_year, _MINGUO.sub(_minguo_year, text)))
    if before := _BEFORE_CHRIST.fullmatch(text):
        year = int(before[1] or before[2]) - 1  # 1 BC is the year 0000
        return f"-{year:04d}{qualifier}" if year > 0 else f"0000{qualifier}" if year == 0 else None
    text = _in_western_digits(text)
    if decade := _DECADE.fullmatch(text):
        return _to_decade(decade)
    if season := _SEASON.fullmatch(text):
        return f"{season[1]}-{_SEASONS[season[2]]}"
    if compact := _COMPACT.fullmatch(text):
        return "-".join(compact.groups())
    if not (numeric := _NUMERIC.fullmatch(text)):
        return f"{text}{qualifier}" if re.fullmatch(r"\d{3}X|\d{2}XX", text) else None
    parts = [numeric["y"], *(f"{int(part):02d}" for part in (numeric["m"], numeric["d"]) if part)]
    return "-".join(parts) + qualifier


def _minguo_year(match: re.Match[str]) -> str:
    number = 1 if match[1] == "元" else read_numeral(match[1])
    return match[0] if number is None else f"{MINGUO_OFFSET + number}年"


def _reign_year(match: re.Match[str]) -> str:
    number = 1 if match[2] == "元" else read_numeral(match[2])
    first, last = REIGNS[match[1]]
    return match[0] if number is None or first + number - 1 > last else f"{first + number - 1}年"


def _cycle_year(match: re.Match[str]) -> str:
    """Return the year of a reign by its stem and branch; the reign as written where it has none or two of them."""
    return _find_cycle_year(match[2], match[3], REIGNS[match[1]]) or match[0]


def _minguo_cycle_year(match: re.Match[str]) -> str:
    return _find_cycle_year(match[1], match[2], _MINGUO_YEARS) or match[0]


def _find_cycle_year(stem: str, branch: str, years: tuple[int, int]) -> str | None:
    """Return the only one of these years that has a stem and branch; None where there is none or more than one."""
    places = STEMS.index(stem), BRANCHES.index(branch)
    named = [year for year in range(years[0], years[1] + 1) if ((year - 4) % 10, (year - 4) % 12) == places]
    return f"{named[0]}年" if len(named) == 1 else None


def _in_western_digits(text: str) -> str:
    text = re.sub(rf"[{DIGITS}]{{4}}(?=[年春夏秋冬])", _digit_by_digit, text)
    text = re.sub(rf"({_CN}*十{_CN}*)(?=[月日年世])", _as_number, text)
    return re.sub(r"[一二三四五六七八九](?=[月日])|[一二三四五六七八九]十(?=年代)", _as_number, text)


def _digit_by_digit(match: re.Match[str]) -> str:
    return str(read_numeral(match[0])).rjust(4, "0")


def _as_number(match: re.Match[str]) -> str:
    number = read_numeral(match[0])
    return match[0] if number is None else str(number)


def _to_decade(match: re.Match[str]) -> str:
    if match["f"]:
        return match["f"][:3] + "X"
    century = int(match["c"]) - 1 if match["c"] else 19
    return f"{century}{match['d'][0]}X"
