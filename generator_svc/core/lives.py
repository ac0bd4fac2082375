"""When rows are born and die: exact counts, O(1) a row, nothing stored.

A row of a segment dies at version v if its permuted number lies in [D(v-1), D(v)), D the segment's deaths so far; it is
updated at v if its number among the living, permuted by v, is below U(v). A row dies with a parent that it must have;
one that may be without is let go of: its foreign key is NULL from then on.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from generator_svc.core.engine_version import ENGINE_VERSION
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import Integers, RowSource, row_range
from generator_svc.core.keys import TableKeys
from generator_svc.core.permutation import Permutation
from generator_svc.core.primitives import Rows, derive_key
from generator_svc.core.spec import ForeignKeySpec, Segment
from generator_svc.core.versions import TableVersion, Versions

FOREVER: Final = 1 << 31
Flags = npt.NDArray[np.bool_]
# Parent rows of a foreign key, at rows of its table.
Links = Callable[[str, ForeignKeySpec, RowSource, int], Rows]


class Lives:
    """Births, updates and deaths of the rows of all tables."""

    def __init__(
        self,
        keys: Mapping[str, TableKeys],
        segments: Mapping[str, Sequence[Segment]],
        versions: Versions,
        seed: int,
        links: Links,
    ) -> None:
        self._links = links
        self._own = {name: OwnLives(name, segments[name], versions.get(name, ()), seed) for name in keys}
        self._free = {name: [key for key in each.references if _may_let_go(each, key)] for name, each in keys.items()}
        self._bound = {
            name: [key for key in each.references if key not in self._free[name]] for name, each in keys.items()
        }
        self.mortal = self._mortal()
        _refuse_circles(keys, {name: self._bound[name] for name in self.mortal}, self.mortal)

    def lets_go(self, table: str, key: ForeignKeySpec) -> bool:
        """Whether a foreign key becomes NULL when its parent dies."""
        return key in self._free[table] and self.loses_parents(key)

    def loses_parents(self, key: ForeignKeySpec) -> bool:
        """Whether any parent of a foreign key has died."""
        return not self.mortal.isdisjoint(key.parents)

    def parents_deaths(self, key: ForeignKeySpec, parents: Rows) -> Integers:
        """Version at which the first of a foreign key's parents dies, at rows that all of them have."""
        deaths = np.full(len(parents), FOREVER, np.int64)
        for table in key.parents:
            deaths = np.minimum(deaths, self.deaths(table, parents, len(parents)))
        return deaths

    def loose_keys(self, table: str) -> list[ForeignKeySpec]:
        """Foreign keys that become NULL when their parents die."""
        return [key for key in self._free[table] if self.lets_go(table, key)]

    def births(self, table: str, rows: RowSource, count: int) -> Integers:
        """Version at which each row is inserted."""
        return self._own[table].births(_listed(rows, count))

    def deaths(self, table: str, rows: RowSource, count: int) -> Integers:
        """Version at which each row dies, FOREVER if none yet: the earlier of its own death and its parents'."""
        if not count or table not in self.mortal:
            return np.full(count, FOREVER, np.int64)
        listed = _listed(rows, count)
        deaths = self._own[table].deaths(listed)
        for key in self._bound[table]:
            if not self.loses_parents(key):
                continue
            parents = self._links(table, key, rows, count)
            others = parents != listed if key.parent_table == table else np.ones(count, np.bool_)
            above = parents[others]
            deaths[others] = np.minimum(deaths[others], self.parents_deaths(key, above))
        return deaths

    def updated(self, table: str, rows: RowSource, count: int, version: int) -> Flags:
        """Rows whose own update a version is; rows that it deletes have none."""
        return self._own[table].updated(_listed(rows, count), version)

    def _mortal(self) -> frozenset[str]:
        """Tables of which any row has died, by itself or with a parent."""
        mortal = {name for name, own in self._own.items() if own.mortal}
        grown = True
        while grown:
            more = {
                name for name, keys in self._bound.items() if any(not mortal.isdisjoint(key.parents) for key in keys)
            }
            grown = not more <= mortal
            mortal |= more
        return frozenset(mortal)


class OwnLives:
    """Births, updates and deaths of one table's rows, its parents left out."""

    def __init__(self, table: str, segments: Sequence[Segment], versions: Sequence[TableVersion], seed: int) -> None:
        self._segments, self._versions = segments, versions
        self._facts = (ENGINE_VERSION, seed, table)
        self._ends = np.array([segment.first_row + segment.rows for segment in segments], np.uint64)
        self._births = np.array([segment.version for segment in segments], np.int64)
        self._dead = [np.array([_of(v.deaths, n) for v in versions], np.uint64) for n in range(len(segments))]
        self._orders = [
            Permutation(segment.rows, derive_key("death", *self._facts, segment.first_row)) if segment.rows else None
            for segment in segments
        ]
        self.mortal = any(dead.any() for dead in self._dead)

    def births(self, rows: Rows) -> Integers:
        """Version at which each row is inserted."""
        births: Integers = self._births[self._numbers(rows)]
        return births

    def deaths(self, rows: Rows) -> Integers:
        """Version at which each row dies by itself."""
        out = np.full(len(rows), FOREVER, np.int64)
        if not self.mortal:
            return out
        numbers = self._numbers(rows)
        for number in _present(numbers):
            mine = numbers == number
            versions = 1 + _rank(self._places(number, rows[mine]), self._dead[number])
            out[mine] = np.where(versions > len(self._versions), FOREVER, versions)
        return out

    def updated(self, rows: Rows, version: int) -> Flags:
        """Rows that a version updates."""
        out = np.zeros(len(rows), np.bool_)
        if version < 1 or not any(self._versions[version - 1].updates):
            return out
        numbers = self._numbers(rows)
        for number in _present(numbers):
            wanted = _of(self._versions[version - 1].updates, number)
            if wanted:
                mine = np.flatnonzero(numbers == number)
                out[mine] = self._chosen(number, rows[mine], version) < np.uint64(wanted)
        return out

    def _chosen(self, number: int, rows: Rows, version: int) -> Rows:
        """Permuted number of each row among the segment's living ones; beyond all for the dead."""
        segment, dead = self._segments[number], self._dead[number][version - 1]
        places = self._places(number, rows)
        chosen = np.full(len(rows), segment.rows, np.uint64)
        alive = places >= dead
        key = derive_key("update", *self._facts, segment.first_row, version)
        chosen[alive] = Permutation(segment.rows - int(dead), key).cells(places[alive] - dead)
        return chosen

    def _places(self, number: int, rows: Rows) -> Rows:
        order = self._orders[number]
        assert order is not None, "a row lies in a segment that has rows"
        return order.cells(rows - np.uint64(self._segments[number].first_row))

    def _numbers(self, rows: Rows) -> Integers:
        """Segment of each row."""
        return _rank(rows, self._ends)


def _rank(values: Rows, bounds: Rows) -> Integers:
    """Number of bounds at or below each value; they are few, so comparing is faster than searching."""
    ranks = np.zeros(len(values), np.int64)
    for bound in bounds:
        ranks += values >= bound
    return ranks


def _present(numbers: Integers) -> list[int]:
    found: list[int] = np.flatnonzero(np.bincount(numbers)).tolist()
    return found


def _of(counts: Sequence[int], number: int) -> int:
    return counts[number] if number < len(counts) else 0


def _listed(rows: RowSource, count: int) -> Rows:
    return rows if isinstance(rows, np.ndarray) else row_range(int(rows), count)


def _may_let_go(keys: TableKeys, key: ForeignKeySpec) -> bool:
    """Whether rows may be without the parent: the key has NULLs already, or roots of its own."""
    if not key.nullable or keys.never_null & set(key.columns):
        return False
    return key.parent_table == keys.table.name or keys.null_fraction(keys.column(key.columns[0])) > 0.0


def _refuse_circles(
    keys: Mapping[str, TableKeys], bound: Mapping[str, Sequence[ForeignKeySpec]], mortal: frozenset[str]
) -> None:
    """Refuse deaths that would follow required keys in a circle; a tree is none."""
    left = dict(bound)
    while left:
        free = [
            name
            for name, references in left.items()
            if not any(_follows(keys[name], key) and left.keys() & mortal & set(key.parents) for key in references)
        ]
        if not free:
            circle = ", ".join(left)
            raise ImpossibleRule(
                f"rows of {circle} cannot be deleted: they require each other in a circle",
                hint="let a foreign key of the circle be NULL, or delete no rows of these tables",
                metadata={"table": next(iter(left))},
            )
        for name in free:
            del left[name]


def _follows(keys: TableKeys, key: ForeignKeySpec) -> bool:
    return key.parent_table != keys.table.name or keys.is_distinct(key)
