"""Duplicates of keys that are declared and not enforced: one query for each key, over the staged rows of a load."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from loader_svc.core.document import Table

SAMPLE = 5
LONGEST_KEY = 100
Key: TypeAlias = tuple[str, tuple[str, ...]]
"""A table and columns of it."""


@dataclass(frozen=True, slots=True)
class KeyDuplicates:
    """How often rows repeat the values of a key; `rows` are those beyond the first of their key."""

    columns: tuple[str, ...]
    rows: int
    sample: tuple[str, ...]


def declared_keys(table: Table) -> Iterator[tuple[str, ...]]:
    """Primary and unique keys whose columns the table has."""
    known = {column.name for column in table.columns}
    for key in dict.fromkeys((table.primary_key, *table.unique_keys)):
        if key and known.issuperset(key):
            yield key


def doubtful_keys(table: Table, distinct: Collection[Key]) -> list[tuple[str, ...]]:
    """Declared keys but those that are known to be distinct."""
    return [key for key in declared_keys(table) if (table.name, key) not in distinct]


def duplicates_sql(staging: str, columns: Sequence[str]) -> str:
    """SQL of the first repeated keys, how often each is there, and how many rows are too many; names are quoted.

    A key with a NULL is equal to no other.
    """
    named = ", ".join(f"{column} AS k{place}" for place, column in enumerate(columns))
    keys = ", ".join(f"k{place}" for place in range(len(columns)))
    given = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    repeated = (
        f"SELECT {named}, count(*) AS n FROM {staging} WHERE {given}"  # noqa: S608  # quoted names
        f" GROUP BY {', '.join(columns)} HAVING count(*) > 1"
    )
    return f"SELECT {keys}, n, sum(n - 1) OVER () FROM ({repeated}) d ORDER BY {keys} LIMIT {SAMPLE}"  # noqa: S608


def read_duplicates(key: tuple[str, ...], found: Sequence[Sequence[Any]]) -> KeyDuplicates | None:
    """Read the answer to `duplicates_sql`; None where every key is there once."""
    if not found:
        return None
    sample = tuple(_shown(key, row) for row in found)
    return KeyDuplicates(key, int(found[0][-1]), sample)


def with_duplicates(message: str, found: Mapping[str, Sequence[KeyDuplicates]]) -> str:
    """Say with an error which keys are repeated."""
    every = (f"{table}: {'; '.join(key.sample)}" for table, keys in found.items() for key in keys)
    shown = " | ".join(every)
    return f"{message}: {shown}" if shown else message


def _shown(key: tuple[str, ...], row: Sequence[Any]) -> str:
    values = ", ".join(f"{name}={value}" for name, value in zip(key, row, strict=False))
    cut = values if len(values) <= LONGEST_KEY else values[:LONGEST_KEY] + "…"
    return f"{cut} ({row[len(key)]} rows)"
