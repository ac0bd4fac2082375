"""The rows of one segment in the making: each column's cells as far as they are made, what others are made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from generator_svc.core.kernels.bits import Bitmap, with_validity
from generator_svc.core.kernels.few_texts import plain
from generator_svc.core.kernels.kernel import RowSource
from generator_svc.core.primitives import Rows


class Cells(NamedTuple):
    """Values of a column, and the bits of the rows that are not NULL, None where all are.

    Below a NULL there is a value all the same, which a required column that is made of this one takes; `made` has
    nulls of its own only where no value can be made. It may be text with a dictionary (`few_texts`).
    """

    made: pa.Array
    valid: Bitmap | None = None

    @property
    def values(self) -> pa.Array:
        """Values without a dictionary."""
        return plain(self.made)

    @property
    def array(self) -> pa.Array:
        """Values with the nulls laid over, without a dictionary."""
        return plain(self.compact)

    @property
    def compact(self) -> pa.Array:
        """Values with the nulls laid over, as they were made."""
        return self.made if self.valid is None else with_validity(self.made, self.valid)


@dataclass(slots=True)
class Sheet:
    """Rows of one segment; `cells` are by column, and by `parent_link` for the parent rows of foreign keys.

    Foreign keys are as of version `at`: those that may be NULL are NULL where their parent has died.
    """

    rows: RowSource
    count: int
    cells: dict[str, Cells] = field(default_factory=dict)
    drawn: dict[np.uint64, Bitmap] = field(default_factory=dict)
    at: int = 0

    def row(self, index: int) -> int:
        """Number of a row."""
        return int(self.rows[index]) if isinstance(self.rows, np.ndarray) else int(self.rows) + index

    def listed(self) -> Rows:
        """All row numbers."""
        if isinstance(self.rows, np.ndarray):
            return self.rows
        return np.arange(int(self.rows), int(self.rows) + self.count, dtype=np.uint64)


def parent_link(columns: Sequence[str]) -> str:
    """Name under which the parent rows of the foreign key of these columns are kept; no column has such a name."""
    return "\0".join(("", *columns))


def own_validity(array: pa.Array) -> Bitmap | None:
    """Bits of an array that starts at offset 0."""
    if not array.null_count:
        return None
    buffer = array.buffers()[0]
    size = (len(array) + 7) // 8
    return np.zeros(size, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)[:size]


def both(first: Bitmap | None, second: Bitmap | None) -> Bitmap | None:
    """Bits of rows that are there in both."""
    if first is None or second is None:
        return second if first is None else first
    return first & second


def joined(pieces: Sequence[Cells], back: pa.Array | None = None) -> Cells:
    """Pieces behind each other, then, with `back`, the rows that it lists."""
    values = pa.concat_arrays([piece.values for piece in pieces])
    bits = None
    if any(piece.valid is not None for piece in pieces):
        bits = np.concatenate([_unpacked(piece) for piece in pieces])
    if back is not None:
        values = values.take(back)
        bits = None if bits is None else bits[back.to_numpy()]
    return Cells(values, None if bits is None else np.packbits(bits, bitorder="little"))


def _unpacked(cells: Cells) -> Bitmap:
    count = len(cells.made)
    if cells.valid is None:
        return np.ones(count, np.uint8)
    return np.unpackbits(cells.valid, count=count, bitorder="little")
