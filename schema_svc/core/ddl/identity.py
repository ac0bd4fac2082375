"""Columns that count by themselves: IDENTITY, AUTOINCREMENT, GENERATED AS IDENTITY, defaults that take a sequence."""

import re

from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import Sequence
from schema_svc.core.model import Column
from schema_svc.core.rules import Rule, SequenceRule

LONGEST_DEFAULT = 500
"""A longer default takes no numbers of a sequence: looking for it takes the square of the length."""
_LONGEST_INTEGER = len("9223372036854775807") - 1
_REDSHIFT_DUMP = re.compile(
    r"""\A"?(?:default_)?identity"?\s*\([^']*'(-?\d{1,18})\s*,\s*(-?\d{1,18})'""", re.IGNORECASE
)
_NEXT_VALUE = (
    re.compile(r"\bnextval\s*\(\s*\(*\s*'([^']+)'", re.IGNORECASE),
    re.compile(r"""((?:"[^"]+"|[\w$@{}]+)(?:\.(?:"[^"]+"|[\w$@{}]+)){0,2})\.nextval\b""", re.IGNORECASE),
    re.compile(r"""\bnext\s+value\s+for\s+([\w$@{}."]+)""", re.IGNORECASE),
)


def read_identity(cursor: Cursor, column: Column) -> None:
    """Read what follows the word IDENTITY or AUTOINCREMENT."""
    if cursor.word() == "(":
        inside = cursor.group()
        numbers = inside.word() in {"-", "+"} or ((first := inside.peek()) is not None and first.text.isdecimal())
        counts = _pair(inside) if numbers else read_counts(inside)
        inside.finish("after an identity's numbers")
    else:
        counts = read_counts(cursor)
    count_by_itself(column, counts)
    if counts.step == 0:
        raise cursor.problem(f"column {column.name!r}: an identity's step is never 0")


def _pair(inside: Cursor) -> Sequence:
    start = read_integer(inside)
    return Sequence(start, read_integer(inside) if inside.accept(",") else 1)


_COUNTS = {"START": "start", "INCREMENT": "step"}
_WITH_NUMBER = ("MINVALUE", "MAXVALUE", "CACHE")
_ALONE = ("ORDER", "NOORDER", "CYCLE", "NOCYCLE", "RESTART")


def read_counts(cursor: Cursor) -> Sequence:
    """Read `START WITH = 1 INCREMENT BY 1 NOORDER …`; sequences and identities share them."""
    found = {"start": 1, "step": 1}
    given_start = False
    least: int | None = None
    while True:
        if word := cursor.accept_any(*_COUNTS):
            cursor.accept_any("WITH", "BY")
            cursor.accept("=")
            found[_COUNTS[word]] = read_integer(cursor)
            given_start = given_start or word == "START"
        elif word := cursor.accept_any(*_WITH_NUMBER):
            number = read_integer(cursor)
            least = number if word == "MINVALUE" else least
        elif cursor.accept("NO"):
            cursor.take()
        elif cursor.accept("SEQUENCE", "NAME"):
            cursor.qualified_name("a sequence's name")
        elif not cursor.accept_any(*_ALONE):
            break
    start = found["start"] if given_start or least is None or found["step"] < 0 else least
    return Sequence(start, found["step"])


def count_by_itself(column: Column, counts: Sequence) -> None:
    """Let a column count, and never be NULL."""
    if counts.step:
        column.rule = Rule(sequence=SequenceRule(start=counts.start, step=counts.step))
    column.required = True


def identity_of_default(default: str) -> Sequence | None:
    """What a Redshift dump writes for an identity: `"identity"(100, 0, '1,1'::text)`."""
    match = _REDSHIFT_DUMP.match(default[:LONGEST_DEFAULT])
    return Sequence(int(match[1]), int(match[2])) if match and int(match[2]) else None


def sequence_of_default(default: str) -> str:
    """Name of the sequence that a default takes its numbers from, as written; empty if it takes none."""
    if len(default) > LONGEST_DEFAULT:
        return ""
    return next((match[1] for pattern in _NEXT_VALUE if (match := pattern.search(default))), "")


def read_integer(cursor: Cursor) -> int:
    """Take a whole number with its sign."""
    sign = -1 if cursor.accept("-") else 1
    cursor.accept("+")
    token = cursor.take()
    if not token.text.isdecimal() or len(token.text) > _LONGEST_INTEGER:
        raise UnreadableSql(f"an integer is expected, not {token.text[:40]!r}", token.start)
    return sign * int(token.text)
