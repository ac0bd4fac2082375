"""Parents of rows that a change set inserts: drawn by the key's own law, again while they are dead, then searched."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from generator_svc.core.kernels.kernel import RowSource, row_range
from generator_svc.core.parents import Parents, TreeParents, attempt_key
from generator_svc.core.primitives import Rows

# Which of some rows are dead.
DeadRows = Callable[[Rows], npt.NDArray[np.bool_]]
_ATTEMPTS: Final = 24
_SEARCHED: Final = 4096


class LivingParents:
    """Draws among the living; where a long search finds none, the dead parent stays and the row is never inserted."""

    def __init__(self, draw: Callable[[int], Parents], dead: DeadRows, parents: int) -> None:
        self._draw, self._dead, self._parents = draw, dead, parents
        self._first = draw(0)

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children."""
        listed = children if isinstance(children, np.ndarray) else row_range(int(children), count)
        out = self._first.rows(listed, count)
        left = np.flatnonzero(self._dead(out))
        for attempt in range(1, _ATTEMPTS):
            if not len(left):
                return out
            out[left] = self._draw(attempt).rows(listed[left], len(left))
            left = left[self._dead(out[left])]
        for index in left:
            out[index] = self._next_living(int(out[index]))
        return out

    def _next_living(self, parent: int) -> int:
        """First living row behind a dead one, round the end; the dead one itself if there is none near."""
        near = (parent + 1 + np.arange(min(self._parents, _SEARCHED), dtype=np.uint64)) % np.uint64(self._parents)
        alive = np.flatnonzero(~self._dead(near))
        return int(near[alive[0]]) if len(alive) else parent


class LivingTree(TreeParents):
    """A tree's parents of inserted rows: any living row above the last level."""

    def __init__(self, key: np.uint64, first_segment_rows: int, levels: int, dead: DeadRows) -> None:
        super().__init__(key, first_segment_rows, levels)

        def draw(attempt: int) -> TreeParents:
            return TreeParents(attempt_key(key, attempt), first_segment_rows, levels)

        self._living = LivingParents(draw, dead, max(int(self.starts[-2]), 1))

    def rows(self, children: RowSource, count: int) -> Rows:
        """Parent rows of `count` children."""
        return self._living.rows(children, count)
