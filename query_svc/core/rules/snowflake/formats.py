"""Formats of moments as text, in the words of DuckDB's strftime."""

import re

from query_svc.core.faults import NotTranslatable

_WORDS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MM": "%m",
    "Mon": "%b",
    "DD": "%d",
    "Dy": "%a",
    "HH24": "%H",
    "HH12": "%I",
    "HH": "%H",
    "MI": "%M",
    "SS": "%S",
    "AM": "%p",
    "PM": "%p",
    "US": "%f",
    "FF6": "%f",
    "FF3": "%g",
}
_TOKEN = re.compile(r"YYYY|YY|MM|Mon|MI|DD|Dy|HH24|HH12|HH|SS|AM|PM|US|FF6|FF3|T|[^A-Za-z%]+", re.ASCII)
_FOLDED = re.compile(
    r"YYYY|YY|MM|MON|MI|DD|DY|HH24|HH12|HH|SS|AM|PM|US|FF6|FF3|T|[^A-Za-z%]+", re.ASCII | re.IGNORECASE
)


def clock_format(pattern: str, where: str, *, any_case: bool = False) -> str:
    """Format in strftime's words; `any_case`: Snowflake's, in which MON is written as Mon is."""
    found: list[str] = []
    place = 0
    while place < len(pattern):
        token = (_FOLDED if any_case else _TOKEN).match(pattern, place)
        if token is None:
            raise NotTranslatable(
                f"{where} by {pattern!r}",
                "Snowflake's emulator lacks a word of it",
                hint="it knows YYYY MM DD HH24 MI SS",
            )
        found.append(_word(token[0], any_case=any_case))
        place = token.end()
    return "".join(found)


def _word(token: str, *, any_case: bool) -> str:
    if any_case:
        token = {"MON": "Mon", "DY": "Dy"}.get(token.upper(), token.upper())
    return _WORDS.get(token, token)
