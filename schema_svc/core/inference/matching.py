"""Which entries of the inference table a column's name matches, the best first."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from schema_svc.core.inference.entries import Entry
from schema_svc.core.inference.naming import Vocabulary, nouns_of, singular, words_of
from schema_svc.core.inference.table import ENTRIES
from schema_svc.core.inference.times import FOLLOWERS, PAIRS
from schema_svc.core.model import Table

LONGEST_NAME = 4
_SHORT_WORD = 3
"""A word of so few letters before a name is a prefix of the table's columns, not an owner."""
_PARTS = (
    "account ad api app apply bill bill book buyer cal call cart cat contact current customer default doc dt end event "
    "exp file group home house image invoice item last list loan max min next ord order org owner paid parent part "
    "pay per previous primary prod product purchase qty sale seller ship shop sold start store sub supplier sys "
    "ticket total unit user vendor venue web work tickets is has id no num code key"
)


class Subject(NamedTuple):
    """What a column's name is read with: its table's nouns, the names of the table's columns, known words."""

    nouns: tuple[str, ...]
    endings: frozenset[str]
    vocabulary: Vocabulary


def subject_of(table: Table, vocabulary: Vocabulary) -> Subject:
    """What the columns of a table are read with."""
    endings = frozenset(
        ending for column in table.columns for ending in _endings(vocabulary.split(words_of(column.name)))
    )
    return Subject(nouns_of(table.name), endings, vocabulary)


def vocabulary_of(tables: Iterable[Table]) -> Vocabulary:
    """Words that names may be glued of: those of the inference table and of the tables' names."""
    nouns = {word for table in tables for word in (*words_of(table.name), *nouns_of(table.name))}
    return Vocabulary(_known_words() | {noun for noun in nouns if len(noun) > _SHORT_WORD})


def matches(words: tuple[str, ...], subject: Subject) -> Iterator[Entry]:
    """Entries that words match: by two words and more, then by the first word, then by the last one."""
    endings = _endings(words)
    for ending in endings:
        if "_" not in ending:
            yield from _prefixed(words)
        for entry in _by_ending().get(ending, ()):
            if _is_owned(entry, words, ending, subject) and _is_near(entry, subject):
                yield entry


def normal_names(names: str) -> tuple[str, ...]:
    """Names of an entry, with one `_` between words."""
    return tuple("_".join(words_of(name)) + ("_*" if name.endswith("*") else "") for name in names.split())


def _endings(words: tuple[str, ...]) -> list[str]:
    return ["_".join(words[-size:]) for size in range(min(LONGEST_NAME, len(words)), 0, -1)]


def _prefixed(words: tuple[str, ...]) -> Iterator[Entry]:
    for size in range(min(LONGEST_NAME, len(words) - 1), 0, -1):
        yield from _by_ending().get("_".join(words[:size]) + "_*", ())


def _is_owned(entry: Entry, words: tuple[str, ...], ending: str, subject: Subject) -> bool:
    if not entry.owners:
        return True
    before = words[: len(words) - ending.count("_") - 1]
    owners = before if before and len(before[-1]) > _SHORT_WORD else subject.nouns
    return bool(owners) and singular(owners[-1]) in _owners(entry.owners)


def _is_near(entry: Entry, subject: Subject) -> bool:
    return not entry.near or not subject.endings.isdisjoint(normal_names(entry.near))


@cache
def _owners(owners: str) -> frozenset[str]:
    return frozenset(owners.split())


@cache
def _by_ending() -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in ENTRIES:
        for name in normal_names(entry.names):
            found.setdefault(name, []).append(entry)
    return found


@cache
def _known_words() -> frozenset[str]:
    names = [*(entry.names for entry in ENTRIES), *(each.names + " " + each.after for each in FOLLOWERS)]
    paired = {word for pair in PAIRS for word in (pair.first, pair.second)}
    return frozenset(word for each in names for word in words_of(each.replace("*", ""))) | paired | {*_PARTS.split()}
