"""Names of keys: which nouns a column's name refers to, and which a table's key stands for."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from schema_svc.core.inference.naming import Vocabulary, nouns_of, singular, words_of
from schema_svc.core.model import Column, Table

Nouns = tuple[str, ...]
IDENTIFIERS = frozenset({"id", "key", "sk", "pk", "fk", "uid", "uuid", "guid", "ident", "identifier"})
NUMBERS = frozenset({"code", "cd", "no", "nr", "num", "number", "ref"})
ENDINGS = IDENTIFIERS | NUMBERS
_GLUED_ENDINGS = ("id", "sk", "key")
_LONGEST_PREFIX = 4
_LEAST_STEM = 3


class KeyName(NamedTuple):
    """A name that ends as names of keys do: its nouns, the last one singular, and its ending."""

    nouns: Nouns
    ending: str


class TableNames(NamedTuple):
    """What the names of a table's columns are read with."""

    table: Table
    nouns: Nouns
    prefix: str
    """First word of nearly all columns, such as `ss` of `ss_item_sk`; empty if there is none."""
    vocabulary: Vocabulary

    def words(self, column: str) -> tuple[str, ...]:
        """Words of a column's name without the table's prefix."""
        words = words_of(column)
        if self.prefix and len(words) > 1 and words[0] == self.prefix:
            words = words[1:]
        return self.vocabulary.split(_loosened(words))


def names_of(table: Table, vocabulary: Vocabulary) -> TableNames:
    """Read a table's own names."""
    bare = table.name
    if table.schema_name and bare.casefold().startswith(f"{table.schema_name}_".casefold()):
        bare = bare[len(table.schema_name) + 1 :]
    return TableNames(table, nouns_of(bare), _prefix(table), vocabulary)


def key_name(words: tuple[str, ...]) -> KeyName | None:
    """Read words as the name of a key, numbered or not (`concept_id_1`); None where they do not end like one."""
    if len(words) > 1 and words[-1].isdecimal():
        words = words[:-1]
    if not words or words[-1] not in ENDINGS:
        return None
    nouns = words[:-1]
    return KeyName((*nouns[:-1], singular(nouns[-1])) if nouns else (), words[-1])


def is_own_key(names: TableNames, column: Column) -> bool:
    """True where a column's name says that it is the key of its table: `id`, `customer_id`, `catid` of `category`."""
    key = key_name(names.words(column.name))
    if key is None or key.ending not in IDENTIFIERS:
        return False
    return (
        not key.nouns or key.nouns == names.nouns or any(_shortens(key.nouns, nouns) for nouns in _tails(names.nouns))
    )


def noun_forms(names: TableNames, column: Column) -> Iterator[Nouns]:
    """Nouns of a key column's own name, with and without the prefix of the table's columns."""
    key = key_name(names.words(column.name))
    if key and key.nouns:
        yield key.nouns
    whole = key_name(names.vocabulary.split(_loosened(words_of(column.name))))
    if whole and whole.nouns:
        yield whole.nouns


def _tails(nouns: Nouns) -> Iterator[Nouns]:
    """Last nouns: `(order, status)` is a status, too."""
    yield nouns
    yield from (nouns[skip:] for skip in range(1, len(nouns)))


def _shortens(short: Nouns, nouns: Nouns) -> bool:
    """True where one noun is the beginning of another: `cat` of `category`, `sale` of `sales`."""
    return len(short) == len(nouns) == 1 and len(short[0]) >= _LEAST_STEM and nouns[0].startswith(short[0])


def _loosened(words: tuple[str, ...]) -> tuple[str, ...]:
    """Take `id` off the end of a word that is glued to it: `customerid`."""
    last = words[-1] if words else ""
    for ending in _GLUED_ENDINGS:
        stem = last.removesuffix(ending)
        if stem != last and len(stem) >= _LEAST_STEM:
            return (*words[:-1], stem, ending)
    return words


def _prefix(table: Table) -> str:
    firsts = Counter(words[0] for column in table.columns if len(words := words_of(column.name)) > 1)
    if not firsts:
        return ""
    word, count = firsts.most_common(1)[0]
    return word if count > 1 and count >= 0.7 * len(table.columns) and len(word) <= _LONGEST_PREFIX else ""
