"""What a column's comment says of its values: `active, inactive or closed`, `0 = open, 1 = closed`."""

import re

from schema_svc.core.inference.naming import words_of

_QUOTED = re.compile(r"'([^'\s]{1,30})'|\"([^\"\s]{1,30})\"")
_CODED = re.compile(r"(?<![\w.])(-?\w{1,10})\s*(?:=|:|->| - )\s*[^\W\d]")
_PIPED = re.compile(r"(?<![\w|])\w[\w-]{0,29}(?:\s?\|\s?\w[\w-]{0,29})+")
_ONE_OF = re.compile(
    r"(?:one of|either|values?(?: are)?|allowed)\s*:?\s+(\w[\w-]*(?:\s*(?:,|/|\bor\b)+\s*(?:or\s+)?\w[\w-]*)+)", re.I
)
_MOST_VALUES = 20
_MOST_WORDS = 8


def listed_values(comment: str) -> list[str]:
    """Values that a comment lists; fewer than two are none."""
    found = [first or second for first, second in _QUOTED.findall(comment)]
    if len(found) < 2:
        found = list(_CODED.findall(comment))
    if len(found) < 2 and (piped := _PIPED.search(comment)):
        found = [value.strip() for value in piped[0].split("|")]
    if len(found) < 2 and (named := _ONE_OF.search(comment)):
        found = [value for value in re.split(r"\s*(?:,|/|\bor\b)\s*", named[1]) if value]
    values = list(dict.fromkeys(found))
    return values if 2 <= len(values) <= _MOST_VALUES else []


def words_in(comment: str) -> tuple[str, ...]:
    """Words of a comment that is short enough to be a name."""
    words = words_of(comment)
    return words if len(words) <= _MOST_WORDS else ()
