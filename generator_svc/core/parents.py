"""Which parent row a child row takes, one class per choice. Nothing is stored: draw a parent, recompute its key."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import RowSource, row_at, row_range
from generator_svc.core.kernels.numbers import Uniform
from generator_svc.core.kernels.zipf import Zipf
from generator_svc.core.permutation import Permutation
from generator_svc.core.primitives import Rows, compiled, derive_key, mix, multiply_high


class Parents(Protocol):
    """Draws the parent row of each child row."""

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children."""
        ...


class AnyParent:
    """Every parent is equally likely."""

    def __init__(self, key: np.uint64, parents: int) -> None:
        self._law = Uniform(key, parents)

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children."""
        return self._law.draw(children, count).view(np.uint64)


class PopularParents:
    """Zipf: the k-th parent of a seeded order has weight k^-exponent; another attempt draws anew by the same order."""

    def __init__(self, key: np.uint64, parents: int, exponent: float, attempt: int = 0) -> None:
        self._ranks = Zipf(attempt_key(key, attempt), parents, exponent)
        self._order = Permutation(parents, derive_key("popularity", int(key)))

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children."""
        return self._order.cells(self._ranks.draw(children, count).view(np.uint64))


class DistinctParents:
    """No parent twice: each segment permutes the parents that no earlier segment has taken.

    Segment s has `available` parents: the new ones, then those that segment s - 1 left over, in its own order.
    """

    def __init__(self, key: np.uint64, first_rows: Sequence[int], parent_rows: Sequence[int], children: int) -> None:
        """Take the first row of every segment so far and the number of parents in it; the last one is this segment."""
        available = parent_rows[-1] - first_rows[-1]
        if children > available:
            raise ImpossibleRule(
                f"{first_rows[-1] + children} rows need a parent of their own, there are {parent_rows[-1]}",
                hint="generate at most as many rows as the parent has, or drop the uniqueness",
                metadata={"domain_size": str(parent_rows[-1]), "rows": str(first_rows[-1] + children)},
            )
        self._first_rows, self._parent_rows = first_rows, parent_rows
        self._orders = [
            Permutation(max(parents - first, 1), derive_key("distinct parents", int(key), first))
            for first, parents in zip(first_rows, parent_rows, strict=True)
        ]

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children."""
        last, first_row = len(self._orders) - 1, self._first_rows[-1]
        if isinstance(children, np.ndarray):
            return self._parent(last, self._orders[last].cells(children - np.uint64(first_row)))
        return self._parent(last, self._orders[last].span(int(children) - first_row, count))

    def _parent(self, segment: int, position: Rows) -> Rows:
        """Parent at a position of a segment's available ones, following what is left over segment by segment."""
        if segment == 0:
            return position
        earlier = self._parent_rows[segment - 1]
        fresh = np.uint64(self._parent_rows[segment] - earlier)
        taken = np.uint64(self._first_rows[segment] - self._first_rows[segment - 1])
        parent = position + np.uint64(earlier)
        left_over = position >= fresh
        if left_over.any():
            order = self._orders[segment - 1].cells(position[left_over] - fresh + taken)
            parent[left_over] = self._parent(segment - 1, order)
        return parent


class TreeParents:
    """A self-reference in levels: the rows of level n take parents of level n - 1; level 0 has none.

    Levels grow by one factor. The rows of a later segment take any parent above the last level.
    """

    def __init__(self, key: np.uint64, first_segment_rows: int, levels: int) -> None:
        self._key = key
        self.starts: Rows = np.array(level_starts(first_segment_rows, levels), np.uint64)

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children; roots are their own parents."""
        out = np.empty(count, np.uint64)
        _tree(children, self._key, self.starts, out)
        return out

    def roots(self, children: RowSource, count: int) -> npt.NDArray[np.bool_]:
        """Tell which of the children are roots."""
        rows: Rows = children if isinstance(children, np.ndarray) else row_range(int(children), count)
        above: npt.NDArray[np.bool_] = rows < self.starts[1]
        return above


def attempt_key(key: np.uint64, attempt: int) -> np.uint64:
    """Key of another draw of the same parent; the first draw's is `key` itself."""
    return derive_key("attempt", int(key), attempt) if attempt else key


def level_starts(rows: int, levels: int) -> list[int]:
    """First row of each level and the end: sizes b, b^2, … with the smallest b of 1 and above that suffices."""
    factor = 1
    while sum(factor**level for level in range(1, levels + 1)) < rows:
        factor += 1 + factor // 64
    starts = [0]
    for level in range(1, levels):
        starts.append(min(starts[-1] + factor**level, rows))
    return [*starts, rows]


@compiled
def _tree(children: RowSource, key: np.uint64, starts: Rows, out: Rows) -> None:
    levels = len(starts) - 1
    for i in range(len(out)):
        row = row_at(children, i)
        level = 0
        while level < levels and row >= starts[level + 1]:
            level += 1
        if level == 0:
            out[i] = row
            continue
        first = np.uint64(0) if level == levels else starts[level - 1]
        end = starts[level if level < levels else levels - 1]
        if end == first:
            first, end = np.uint64(0), starts[1]
        out[i] = first + multiply_high(mix(row + key), end - first)
