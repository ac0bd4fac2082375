"""When changes happen: on day as_of + v for version v; inserts in its first third, then updates, then deletes.

Within an operation time rises with the row. Tables insert one after the other, parents first, and delete the other way
round: whoever applies the feeds of all tables in time order never sees a child without its parent.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from generator_svc.core.kernels.kernel import Integers
from generator_svc.core.kernels.numbers import Uniform
from generator_svc.core.primitives import Rows, derive_key
from generator_svc.core.run import Operation
from generator_svc.core.spec import Segment
from generator_svc.core.units import DAY, days

MOMENT: Final = pa.timestamp("us")
_SHIFT: Final = DAY // 3
_STEPS: Final = 1 << 20


class ChangeClock:
    """Moments of changes, in UTC microseconds."""

    def __init__(self, order: Sequence[str], segments: Mapping[str, Sequence[Segment]], as_of: dt.date) -> None:
        self._places = {name: place for place, name in enumerate(order)}
        self._segments = segments
        self._begin = days(as_of)

    def day(self, version: int) -> int:
        """First moment of a version's day."""
        return (self._begin + version) * DAY

    def moments(self, operation: Operation, table: str, rows: Rows, version: int) -> Integers:
        """When an operation of a version happens to each row; rows of version 0 were always there."""
        if not version:
            return np.full(len(rows), self.day(0), np.int64)
        start, length = self._window(operation, table)
        first, count = self._range(operation, table, version)
        drawn = Uniform(derive_key("moment", operation, table, version), _STEPS).draw(rows, len(rows))
        places = (rows - np.uint64(first)).astype(np.float64) + drawn.astype(np.float64) / _STEPS
        offsets = np.floor(places / max(count, 1) * length).astype(np.int64)
        return np.minimum(offsets, length - 1) + (self.day(version) + start)

    def _window(self, operation: Operation, table: str) -> tuple[int, int]:
        """Begin within the day, and length, of a table's operation."""
        count, place = len(self._places), self._places[table]
        length = _SHIFT // count
        match operation:
            case Operation.INSERT:
                return place * length, length
            case Operation.UPDATE:
                return _SHIFT, _SHIFT
            case _:
                return 2 * _SHIFT + (count - 1 - place) * length, length

    def _range(self, operation: Operation, table: str, version: int) -> tuple[int, int]:
        """First row and number of the rows that an operation chooses from."""
        (mine,) = (segment for segment in self._segments[table] if segment.version == version)
        return (mine.first_row, mine.rows) if operation is Operation.INSERT else (0, mine.first_row)
