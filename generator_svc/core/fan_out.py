"""Fan-out: how many children each parent has, with an exact total, as a binary tree over the parents.

A node covers parents [lo, lo + n) and has a total of children; a hash of the node draws how many go to its left half,
clamped so that every parent keeps between `low` and `high` children. So the counts add up exactly, nothing is stored,
and each question costs one descent: child -> (parent, ordinal), parent -> first child and count. Children in sequence
share the descents.
"""

import math
from typing import Final

import numpy as np

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import RowSource, row_at, row_range
from generator_svc.core.primitives import Rows, compiled, mix, unit

_DEPTH: Final = 64
_WIDEST: Final = 1 << 62
_SKEWED_PARENTS: Final = 1024
_LEAST_SHARE: Final = 0.2
_SHARE_SPREAD: Final = 1.6
_FIELD: Final = np.uint64(0xFFFF)
_ROOT_3: Final = 1.7320508075688772


class FanOut:
    """Children [0, children) spread over parents [0, parents), each with `low` to `high` of them.

    `skewed` gives few of any thousand neighbouring parents most of their children.
    """

    def __init__(self, key: np.uint64, parents: int, children: int, low: int, high: int, *, skewed: bool) -> None:
        self.parents, self.children_total = parents, children
        high = min(high, children)
        if not parents * low <= children <= parents * high:
            raise ImpossibleRule(
                f"{children} rows do not spread over {parents} parents with {low} to {high} each",
                hint=f"generate {parents * low} to {parents * high} rows, or widen the fan-out",
                metadata={"least_rows": str(parents * low), "most_rows": str(parents * high)},
            )
        self.high = high
        self._each = low if low == high else 0
        spread = min(high - low, _WIDEST // max(parents, 1))
        self._node = (key, parents, children, low, spread, skewed)

    def locate(self, children: RowSource, count: int) -> tuple[Rows, Rows]:
        """Parent and ordinal (from 0) of each child."""
        if self._each:
            return _divided(children, count, self._each)
        parents, ordinals = np.empty(count, np.uint64), np.empty(count, np.uint64)
        if isinstance(children, np.ndarray):
            _locate(children, *self._node, parents, ordinals)
        elif count:
            _locate_span(int(children), *self._node, parents, ordinals)
        return parents, ordinals

    def children(self, parents: Rows) -> tuple[Rows, Rows]:
        """First child and number of children of each parent."""
        first, counts = np.empty(len(parents), np.uint64), np.empty(len(parents), np.uint64)
        _children(parents, *self._node, first, counts)
        return first, counts


def natural_limit(parents: int, children: int, most: int) -> int:
    """Most children that a parent plausibly has: four times the mean and some, never above what is possible."""
    return min(most, 4 * math.ceil(children / max(parents, 1)) + 8)


def _divided(children: RowSource, count: int, each: int) -> tuple[Rows, Rows]:
    """Parent and ordinal where all parents have the same number of children: what the descent would find."""
    rows = children if isinstance(children, np.ndarray) else row_range(int(children), count)
    parents = rows // np.uint64(each)
    return parents, rows - parents * np.uint64(each)


@compiled
def _left(
    key: np.uint64, low: int, spread: int, skewed: bool, parent: int, parents: int, total: int, halves: int
) -> int:
    """Children of the left `halves` parents of a node.

    Beyond `low` each, they are about binomial: a sum of four uniforms stands for the normal. The split point names the
    node, as it belongs to no other.
    """
    rest = total - parents * low
    share = np.float64(halves) / np.float64(parents)
    h = mix(np.uint64(parent + halves) + key)
    if skewed and parents <= _SKEWED_PARENTS:
        tilt = _LEAST_SHARE + _SHARE_SPREAD * unit(h)
        drawn = np.floor(np.float64(rest) * share * tilt + unit(mix(h)))
    else:
        fields = (h & _FIELD) + ((h >> np.uint64(16)) & _FIELD) + ((h >> np.uint64(32)) & _FIELD) + (h >> np.uint64(48))
        z = (np.float64(fields) * 2.0**-16 - 2.0) * _ROOT_3
        drawn = np.rint(np.float64(rest) * share + z * np.sqrt(np.float64(rest) * share * (1.0 - share)))
    least: int = max(0, rest - (parents - halves) * spread)
    most: int = min(rest, halves * spread)
    return halves * low + min(max(int(drawn), least), most)


@compiled
def _locate(
    children: RowSource,
    key: np.uint64,
    all_parents: int,
    all_children: int,
    low: int,
    spread: int,
    skewed: bool,
    parents: Rows,
    ordinals: Rows,
) -> None:
    for i in range(len(parents)):
        offset = np.int64(row_at(children, i))
        parent, width, total = 0, all_parents, all_children
        while width > 1:
            halves = width >> 1
            left = _left(key, low, spread, skewed, parent, width, total, halves)
            if offset < left:
                width, total = halves, left
            else:
                offset -= left
                parent, width, total = parent + halves, width - halves, total - left
        parents[i], ordinals[i] = np.uint64(parent), np.uint64(offset)


@compiled
def _locate_span(
    first: int,
    key: np.uint64,
    all_parents: int,
    all_children: int,
    low: int,
    spread: int,
    skewed: bool,
    parents: Rows,
    ordinals: Rows,
) -> None:
    """Walk the leaves in order; the stack holds the right siblings still to visit."""
    stack = np.empty((_DEPTH, 3), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2] = 0, all_parents, all_children
    height, offset, done = 1, first, 0
    while done < len(parents):
        height -= 1
        parent, width, total = stack[height, 0], stack[height, 1], stack[height, 2]
        if total <= offset:
            offset -= total
            continue
        while width > 1:
            halves = width >> 1
            left = _left(key, low, spread, skewed, parent, width, total, halves)
            if offset < left:
                stack[height, 0], stack[height, 1], stack[height, 2] = parent + halves, width - halves, total - left
                height += 1
                width, total = halves, left
            else:
                offset -= left
                parent, width, total = parent + halves, width - halves, total - left
        for ordinal in range(offset, min(total, offset + len(parents) - done)):
            parents[done], ordinals[done] = np.uint64(parent), np.uint64(ordinal)
            done += 1
        offset = 0


@compiled
def _children(
    parents: Rows,
    key: np.uint64,
    all_parents: int,
    all_children: int,
    low: int,
    spread: int,
    skewed: bool,
    first: Rows,
    counts: Rows,
) -> None:
    for i in range(len(parents)):
        wanted = np.int64(parents[i])
        parent, width, total, before = 0, all_parents, all_children, 0
        while width > 1:
            halves = width >> 1
            left = _left(key, low, spread, skewed, parent, width, total, halves)
            if wanted < parent + halves:
                width, total = halves, left
            else:
                before += left
                parent, width, total = parent + halves, width - halves, total - left
        first[i], counts[i] = np.uint64(before), np.uint64(total)
