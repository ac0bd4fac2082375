"""Options of COPY and UNLOAD: tables of what is honoured, ignored with a note, or refused by name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from query_svc.core.faults import InvalidSql, NotTranslatable
from query_svc.core.writes.words import Words, unexpected

Read = Callable[[Words], Any]
Honoured = Mapping[tuple[str, ...], tuple[str, Read]]
Phrases = Mapping[tuple[str, ...], str]
KEYS_OF_STAGING = "the staging area is reached by the service's own credentials"
LARGEST_FILE = 256 << 20
"""Bytes after which a file is followed by another one, however large MAXFILESIZE is."""
SMALLEST_FILE = 5 << 20
_UNITS = {"MB": 1 << 20, "GB": 1 << 30}
FORMATS = ("CSV", "JSON", "PARQUET")
COMPRESSIONS = {"GZIP": "gzip", "ZSTD": "zstd", "BZIP2": "bz2"}


def text(words: Words) -> str:
    """Read `[AS] 'text'`."""
    words.take("AS")
    return words.text()


def character(words: Words) -> str:
    """Read `[AS] 'c'`, or such as `\\t`."""
    value = text(words)
    value = {"\\t": "\t", "\\b": "\b"}.get(value, value)
    if len(value) != 1 or not value.isascii() or value in "\r\n\0":
        raise InvalidSql(f"{value[:20]!r} is not one ASCII character", hint="write one, such as '|' or '\\t'")
    return value


def constant(value: Any) -> Read:
    """Read nothing more: the words say it all."""
    return lambda _words: value


def format_name(words: Words) -> str:
    """Read `[AS] name`."""
    words.take("AS")
    token = words.word()
    name = token.text.upper()
    if name in FORMATS:
        return name
    raise NotTranslatable(f"FORMAT {name}", hint=f"there are {', '.join(FORMATS)}, and delimited text without FORMAT")


def on_or_off(words: Words) -> bool:
    """Read ON, OFF or nothing, which is ON."""
    if words.take("OFF") or words.take("FALSE"):
        return False
    return words.take("ON") or words.take("TRUE") or True


def file_bytes(words: Words) -> int:
    """Read `[AS] n [MB | GB]`."""
    words.take("AS")
    token = words.word()
    try:
        number = float(token.text)
    except ValueError:
        raise unexpected(token) from None
    unit = next((unit for unit in _UNITS if words.take(unit)), "MB")
    size = int(number * _UNITS[unit])
    if not SMALLEST_FILE <= size <= 6.2 * _UNITS["GB"]:
        raise InvalidSql(f"MAXFILESIZE {token.text} {unit} is out of range", hint="it takes 5 MB to 6.2 GB")
    return size


def names(words: Words) -> tuple[str, ...]:
    """Read `(a, b)`."""
    return tuple("".join(token.text for token in part) for part in words.bracketed())


def right(words: Words) -> None:
    """Read a role or a key, which is not kept."""
    words.take("AS")
    if not words.take("DEFAULT"):
        words.text()


RIGHTS: tuple[tuple[str, ...], ...] = (
    ("IAM_ROLE",),
    ("CREDENTIALS",),
    ("ACCESS_KEY_ID",),
    ("SECRET_ACCESS_KEY",),
    ("SESSION_TOKEN",),
)


def read_options(words: Words, verb: str, honoured: Honoured, ignored: Honoured, refused: Phrases) -> dict[str, Any]:
    """Read options to the end; `notes` has one for each that is ignored."""
    found: dict[str, Any] = {"notes": []}
    phrases = sorted({*honoured, *ignored, *refused, *RIGHTS}, key=len, reverse=True)
    while not words.over:
        phrase = next((phrase for phrase in phrases if words.take(*phrase)), None)
        if phrase is None:
            raise unexpected(words.word())
        name = " ".join(phrase)
        if phrase in refused:
            raise NotTranslatable(f"{verb} with {name}", hint=refused[phrase])
        if phrase in RIGHTS:
            right(words)
            found["notes"].append(f"{name} is ignored: {KEYS_OF_STAGING}")
            continue
        key, read = (honoured.get(phrase) or ignored.get(phrase)) or ("", constant(None))
        if key in found and phrase in honoured:
            raise InvalidSql(f"{name} comes twice, or beside its opposite", hint="write it once")
        value = read(words)
        if phrase in ignored:
            found["notes"].append(f"{name} is ignored: {key}")
        else:
            found[key] = value
    found["notes"] = tuple(dict.fromkeys(found["notes"]))
    return found


def refuse_beside(verb: str, form: str, found: Mapping[str, Any], misfits: Mapping[str, Sequence[str]]) -> None:
    """Refuse options that have no meaning for a format."""
    for key in misfits.get(form, ()):
        if key in found:
            name = key.upper().replace("_", " ")
            raise NotTranslatable(
                f"{verb} of {form} with {name}", "the format has nothing of the kind", hint=f"leave {name} out"
            )
