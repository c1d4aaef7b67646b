"""Reading the dates Vietnamese newspapers print.

Day comes before month. What is understood: ISO 8601, RFC 2822 (feeds), ``12/3/2020``,
``12-03-2020``, ``12.3.2020``, ``ngày 12 tháng 3 năm 2020``, ``Tháng Ba 12, 2020``,
``Mar 12, 2020``, each with a time of day beside it (``18:51``, ``18h51``, ``6:51 PM``,
``6:51 CH``). A printed time is Vietnam's wall clock and stays as printed, without a zone; ISO and
RFC text keeps the zone it names.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from vnsearch.record import NamedTuple

__all__ = ["FoundDate", "find_date", "parse_date"]

MAX_DATE_LENGTH = 120
_EARLIEST, _LATEST = 1900, 2100

_MONTH_WORDS = (
    "một|giêng", "hai", "ba", "tư|bốn", "năm", "sáu", "bảy|bẩy", "tám", "chín", "mười",
    "mười một", "mười hai|chạp",
)  # fmt: skip
_MONTHS = {
    word: number for number, words in enumerate(_MONTH_WORDS, 1) for word in words.split("|")
}
_ENGLISH_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_MONTHS |= {name: number for number, name in enumerate(_ENGLISH_MONTHS, 1)}
_ENGLISH = r"(?P<month>" + "|".join(_ENGLISH_MONTHS) + r")[a-z]*\.?"
_MONTH = r"(?P<month>\d{1,2}|" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"

_DATE_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d/.-])(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})(?=T\d|\D|$)",
        r"(?<![\d/.-])(?P<day>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<month>\d{1,2})\s?(?P=sep)\s?(?P<year>\d{4})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})\s+tháng\s+{_MONTH}\b,?\s+(?:năm\s+)?(?P<year>\d{{4}})(?!\d)",
        rf"\btháng\s+{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?:năm\s+)?(?P<year>\d{{4}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})[\s-]+{_ENGLISH},?[\s-]+(?P<year>\d{{4}})(?!\d)",
        rf"\b{_ENGLISH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?!\d)",
    )
)
_RFC_2822 = re.compile(r"(?:[A-Za-z]{3}, ?)?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? \S+$")
_TIME = re.compile(
    r"(?<![\d:])T?(?P<hour>[01]?\d|2[0-4])\s?(?::|h|g(?=\d)|giờ)\s?(?P<minute>[0-5]\d)?"
    r"(?::(?P<second>[0-5]\d)(?:\.\d+)?)?(?:'|\s?phút\b)?(?:\s?(?P<half>AM|PM|SA|CH)\b)?(?!\w|:)",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"\b(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s+nhật|CN|T[2-7]|ngày|(?:vào\s+)?lúc"
    r"|giờ\s+việt\s+nam|năm)\b|\(?\b(?:GMT|UTC)\s*[+-]\s*0?7(?::?00)?\b\)?|[+-]07:?00\b",
    re.IGNORECASE,
)


class FoundDate(NamedTuple):
    """A date found inside a text: its value, and what the text says besides it."""

    value: datetime | date
    rest: str


def find_date(text: str) -> FoundDate | None:
    """Return the first date printed in ``text`` (with the time of day beside it), or None.

    ``text`` is taken as one line in NFC. ``rest`` is the text without the date, the time, the
    weekday and the words that join them.
    """
    for pattern in _DATE_PATTERNS:
        for match in pattern.finditer(text):
            day = _date(match)
            if day is None:
                continue
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            value: datetime | date = day
            clock = _TIME.search(rest)
            if clock is not None:
                moment = _moment(day, clock)
                if moment is not None:
                    value = moment
                    rest = f"{rest[: clock.start()]} {rest[clock.end() :]}"
            return FoundDate(value, " ".join(_AROUND.sub(" ", rest).split()))
    return None


def parse_date(text: str) -> datetime | date | None:
    """Return the moment a metadata value names, or None where it names none.

    A `date` where only the day is known. Ten digits are seconds, thirteen milliseconds since
    1970 (UTC).
    """
    text = text.strip()
    if not text or len(text) > MAX_DATE_LENGTH:
        return None
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    if text[:4].isdigit() and text[4:5] == "-":
        try:
            if len(text) == 10:
                return date.fromisoformat(text)
            return _in_utc(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
    if _RFC_2822.match(text):
        from email.utils import parsedate_to_datetime  # slow to import, for feeds only

        try:
            return _in_utc(parsedate_to_datetime(text))
        except (ValueError, OverflowError):
            pass
    found = find_date(text)
    return None if found is None else found.value


def _in_utc(moment: datetime) -> datetime:
    """Return a moment; OverflowError where UTC, in which an index keeps it, has no such year."""
    if moment.tzinfo is not None:
        moment.astimezone(UTC)
    return moment


def _date(match: re.Match[str]) -> date | None:
    name = match["month"].lower()
    month = int(name) if name.isdigit() else _MONTHS.get(name, 0)
    try:
        value = date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
    return value if _EARLIEST <= value.year <= _LATEST else None


def _moment(day: date, clock: re.Match[str]) -> datetime | None:
    hour, half = int(clock["hour"]), (clock["half"] or "").upper()
    if half in ("PM", "CH") and hour < 12:
        hour += 12
    elif half in ("AM", "SA") and hour == 12:
        hour = 0
    if hour > 23:
        return None
    minute, second = int(clock["minute"] or 0), int(clock["second"] or 0)
    return datetime(day.year, day.month, day.day, hour, minute, second)
