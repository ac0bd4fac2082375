"""The children that one segment adds, spread over parents so that each child has a parent and an ordinal of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from generator_svc.core.fan_out import FanOut, natural_limit
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import RowSource
from generator_svc.core.primitives import Rows, derive_key

# Where the domains are narrow, a quarter of a parent's possible children is kept for later segments.
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Children of one parent: at least `low`, at most `high` if that is above 0; few have most of them if skewed."""

    low: int = 0
    high: int = 0
    skewed: bool = False


class Brood:
    """Children of one segment, spread over the parents that are new in it, or over all parents if none are new.

    Ordinals count a parent's children from 0 over all segments: where old parents get children again, the counts of the
    `earlier` broods are added. No ordinal reaches `most`.
    """

    def __init__(
        self,
        key: np.uint64,
        span: tuple[int, int],
        parents: tuple[int, int],
        limits: Limits,
        most: int,
        earlier: Sequence["Brood"] = (),
    ) -> None:
        """Take first row and rows of the segment; parents before it and parents so far."""
        self._first_row, rows = span
        before, so_far = parents
        fresh = so_far > before
        self.first_parent = before if fresh else 0
        self._earlier = () if fresh else tuple(earlier)
        count = so_far - self.first_parent
        left = max(0, most - _most_so_far(self._earlier))
        if left * count < rows:
            raise ImpossibleRule(
                f"{rows} rows are more than {left * count}: {count} parents with at most {left} each",
                hint="generate fewer rows or more parents, or give the other key columns more values",
                metadata={"rows": str(rows), "domain_size": str(left * count)},
            )
        plausible = rows if limits.skewed else natural_limit(count, rows, rows)
        high = limits.high or min(plausible, max(-(-rows // max(count, 1)), left - left // _KEPT))
        low = limits.low if fresh else 0
        fan_key = derive_key("fan-out", int(key), self._first_row)
        self._fan_out = FanOut(fan_key, count, rows, low, min(high, left), skewed=limits.skewed)
        self.end_parent = so_far
        self.high: int = self._fan_out.high

    def locate(self, rows: RowSource, count: int) -> tuple[Rows, Rows]:
        """Parent row and ordinal of each child."""
        if isinstance(rows, np.ndarray):
            parents, ordinals = self._fan_out.locate(rows - np.uint64(self._first_row), count)
        else:
            parents, ordinals = self._fan_out.locate(np.uint64(int(rows) - self._first_row), count)
        if self.first_parent:
            parents += np.uint64(self.first_parent)
        for brood in self._earlier:
            ordinals += brood.counts(parents)
        return parents, ordinals

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children."""
        return self.locate(children, count)[0]

    def counts(self, parents: Rows) -> Rows:
        """Children that this brood gives each parent; 0 to parents outside of it."""
        own = (parents >= np.uint64(self.first_parent)) & (parents < np.uint64(self.end_parent))
        counts = np.zeros(len(parents), np.uint64)
        counts[own] = self._fan_out.children(parents[own] - np.uint64(self.first_parent))[1]
        return counts


def _most_so_far(broods: Sequence[Brood]) -> int:
    """Most children that any one parent may have by these broods."""
    starts = [brood.first_parent for brood in broods]
    return max(
        (sum(brood.high for brood in broods if brood.first_parent <= start < brood.end_parent) for start in starts),
        default=0,
    )
