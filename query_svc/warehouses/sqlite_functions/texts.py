"""Text functions, by characters, with Unicode's upper and lower case one to one."""

import hashlib
from typing import Any

from query_svc.warehouses.sqlite_functions.strict import Functions, strict

MOST_CHARACTERS = 4_000_000
LONGEST_BYTES = 65_535


def upper(value: str) -> str:
    """Capital letters; one character stays one."""
    text = str(value)
    return text.upper() if text.isascii() else "".join(u if len(u := c.upper()) == 1 else c for c in text)


def lower(value: str) -> str:
    """Small letters; one character stays one."""
    text = str(value)
    return text.lower() if text.isascii() else "".join(u if len(u := c.lower()) == 1 else c for c in text)


def initcap(value: str) -> str:
    """First letter of each word in capitals; a word ends at whatever is neither letter nor digit."""
    result, inside = [], False
    for char in str(value):
        result.append(lower(char) if inside else upper(char))
        inside = char.isalnum()
    return "".join(result)


def pad(value: str, width: int, fill: str, *, left: bool) -> str:
    """Fill a text to `width`, or cut it there."""
    text = str(value)
    if width > MOST_CHARACTERS:
        raise ValueError("a text would be too long")
    if width <= len(text) or not fill:
        return text[: max(width, 0)]
    missing = width - len(text)
    filler = (fill * (missing // len(fill) + 1))[:missing]
    return filler + text if left else text + filler


def split_part(value: str, delimiter: str, place: int) -> str:
    """Part of a text between delimiters, counted from 1, or from the end where negative."""
    if place == 0:
        raise ValueError("SPLIT_PART counts from 1")
    parts = str(value).split(delimiter) if delimiter else [str(value)]
    index = place - 1 if place > 0 else len(parts) + place
    return parts[index] if 0 <= index < len(parts) else ""


def substring(value: str, start: int, *length: int) -> str:
    """Characters from `start`; places before the first count but hold nothing."""
    text = str(value)
    if not length:
        return text[max(start - 1, 0) :]
    if length[0] < 0:
        raise ValueError("SUBSTRING takes no negative length")
    end = start - 1 + length[0]
    return text[max(start - 1, 0) : max(end, 0)]


def substring_from_end(value: str, start: int, *length: int) -> str:
    """Characters from `start`; a negative start counts from the end."""
    text = str(value)
    first = max(start - 1, 0) if start >= 0 else len(text) + start
    if first < 0:
        return ""
    return text[first : first + max(length[0], 0)] if length else text[first:]


def left(value: str, count: int) -> str:
    """First characters; all but the last where negative."""
    return str(value)[:count]


def right(value: str, count: int) -> str:
    """Last characters; all but the first where negative."""
    text = str(value)
    return text[max(len(text) - count, 0) :] if count >= 0 else text[-count:]


def translate(value: str, source: str, target: str) -> str:
    """Replace each character of `source` by the one at its place in `target`, or drop it."""
    table: dict[int, str | None] = {}
    for place, char in enumerate(source):
        table.setdefault(ord(char), target[place] if place < len(target) else None)
    return str(value).translate(table)


def repeat(value: str, count: int) -> str:
    """Text `count` times."""
    if len(str(value)) * max(count, 0) > MOST_CHARACTERS:
        raise ValueError("a text would be too long")
    return str(value) * max(count, 0)


def short(value: str) -> str:
    """Text, which is an error beyond Redshift's longest VARCHAR."""
    if len(str(value).encode()) > LONGEST_BYTES:
        raise ValueError("a text has more than 65,535 bytes, the longest VARCHAR")
    return str(value)


def cut(value: str, most: int) -> str:
    """Characters that fit into so many bytes."""
    return str(value).encode()[:most].decode(errors="ignore")


def sha2(value: str, bits: int = 256) -> str:
    """SHA-2 of the text in hexadecimal."""
    if bits not in (0, 224, 256, 384, 512):
        raise ValueError("SHA2 takes 0, 224, 256, 384 or 512 bits")
    return hashlib.new(f"sha{bits or 256}", str(value).encode()).hexdigest()


def _digest(name: str) -> Any:
    return strict(lambda value: hashlib.new(name, str(value).encode(), usedforsecurity=False).hexdigest())


FUNCTIONS: Functions = {
    "lower": (1, strict(lower)),
    "upper": (1, strict(upper)),
    "initcap": (1, strict(initcap)),
    "octet_length": (1, strict(lambda value: len(str(value).encode()))),
    "reverse": (1, strict(lambda value: str(value)[::-1])),
    "repeat": (2, strict(repeat)),
    "lpad": (-1, strict(lambda value, width, fill=" ": pad(value, width, fill, left=True))),
    "rpad": (-1, strict(lambda value, width, fill=" ": pad(value, width, fill, left=False))),
    "split_part": (3, strict(split_part)),
    "translate": (3, strict(translate)),
    "short": (1, strict(short)),
    "cut": (2, strict(cut)),
    "left": (2, strict(left)),
    "right": (2, strict(right)),
    "substring": (-1, strict(substring)),
    "substr_end": (-1, strict(substring_from_end)),
    "ascii": (1, strict(lambda value: ord(str(value)[0]) if value else 0)),
    "md5": (1, _digest("md5")),
    "sha1": (1, _digest("sha1")),
    "sha2": (-1, strict(sha2)),
}
