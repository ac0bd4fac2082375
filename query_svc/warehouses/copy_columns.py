"""Pieces of PostgreSQL's COPY BINARY as Arrow columns, for the types that large tables are made of.

What has another type is left to the driver, whose compiled code takes six times as long for a row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from query_svc.core.faults import ExecutionFailed
from query_svc.core.types import INTEGER_DIGITS
from query_svc.warehouses import copy_kernels as kernels

HEADER = 19
"""Bytes before the first row."""
_DAYS, _MICROSECONDS = 10_957, 946_684_800_000_000
"""From 1970, where Arrow's moments begin, to 2000, where PostgreSQL's do."""
_TENS = np.array([10**power for power in range(INTEGER_DIGITS + 1)], np.int64)
_JSONB_VERSION = 1


@dataclass(frozen=True)
class Field:
    """A column as the server describes it; `precision` is 0 where a numeric has any number of digits."""

    name: str
    oid: int
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True)
class Cells:
    """One column of some whole rows."""

    piece: kernels.Bytes
    positions: kernels.Places
    lengths: kernels.Places
    field: Field

    def array(self, kind: pa.DataType, *buffers: npt.NDArray[np.generic]) -> pa.Array:
        """Arrow array over buffers; a length below 0 is a null."""
        there = self.lengths >= 0
        valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
        return pa.Array.from_buffers(kind, len(there), [valid, *map(pa.py_buffer, buffers)])

    def integers(self, added: int = 0) -> kernels.Integers:
        """Values of an integer, or of what is held as one."""
        made = np.empty(len(self.lengths), np.int64)
        if not kernels.read_integers(self.piece, self.positions, self.lengths, added, made):
            raise self.odd("an infinite date or timestamp")
        return made

    def odd(self, what: str) -> ExecutionFailed:
        """Fault of a value that Arrow has no form of."""
        return ExecutionFailed(
            f"column {self.field.name!r} has {what}",
            hint="filter such rows, or CAST the expression to VARCHAR",
            metadata={"column": self.field.name},
        )


Decode = Callable[[Cells], pa.Array]


def _integer(kind: pa.DataType, as_numpy: type[np.generic], added: int = 0) -> Decode:
    return lambda cells: cells.array(kind, cells.integers(added).astype(as_numpy, copy=False))


def _boolean(cells: Cells) -> pa.Array:
    return cells.array(pa.bool_(), np.packbits(cells.integers().astype(np.bool_), bitorder="little"))


def _float32(cells: Cells) -> pa.Array:
    return cells.array(pa.float32(), cells.integers().astype(np.int32))


def _numeric(cells: Cells) -> pa.Array:
    field, made = cells.field, np.empty((len(cells.lengths), 2), np.int64)
    if not kernels.read_numerics(cells.piece, cells.positions, cells.lengths, field.scale, _TENS, made):
        raise cells.odd("a value that is not a number")
    return cells.array(pa.decimal128(field.precision, field.scale), made)


def _text(kind: pa.DataType, skipped: int = 0) -> Decode:
    def decode(cells: Cells) -> pa.Array:
        lengths = cells.lengths - skipped
        offsets = np.empty(len(lengths) + 1, np.int32)
        made = np.empty(int(np.maximum(lengths, 0).sum()), np.uint8)
        kernels.copy_texts(cells.piece, cells.positions + skipped, lengths, offsets, made)
        return cells.array(kind, offsets, made)

    return decode


_NUMERIC = 1700
_DECODERS: dict[int, Decode] = {
    16: _boolean,
    17: _text(pa.binary()),
    20: _integer(pa.int64(), np.int64),
    21: _integer(pa.int16(), np.int16),
    23: _integer(pa.int32(), np.int32),
    25: _text(pa.string()),
    114: _text(pa.string()),
    700: _float32,
    701: _integer(pa.float64(), np.int64),  # the bits are those of a double already
    1042: _text(pa.string()),
    1043: _text(pa.string()),
    1082: _integer(pa.date32(), np.int32, _DAYS),
    1114: _integer(pa.timestamp("us"), np.int64, _MICROSECONDS),
    1184: _integer(pa.timestamp("us", tz="UTC"), np.int64, _MICROSECONDS),
    _NUMERIC: _numeric,
    3802: _text(pa.string(), skipped=_JSONB_VERSION),
}
"""By the number that PostgreSQL gives a type."""


def can_decode(fields: Sequence[Field]) -> bool:
    """Whether all columns have types that are decoded here."""
    numerics = (field for field in fields if field.oid == _NUMERIC)
    return all(field.oid in _DECODERS for field in fields) and all(
        0 <= field.scale <= field.precision <= INTEGER_DIGITS and field.precision for field in numerics
    )


class Rows:
    """Rows of a COPY, whose bytes come in pieces that are cut anywhere."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._skipped, self._rest = HEADER, b""

    def decode(self, piece: bytes) -> list[pa.Array]:
        """Columns of the rows that are whole with this piece."""
        data = np.frombuffer(self._rest + piece, np.uint8)
        most = len(data) // (2 + 4 * len(self._fields)) + 1
        positions, lengths = np.empty((2, len(self._fields), most), np.int32)
        rows, rest = kernels.find_fields(data, self._skipped, positions, lengths)
        self._skipped, self._rest = 0, b"" if rest == kernels.END else data[rest:].tobytes()
        return [
            _DECODERS[field.oid](Cells(data, positions[place, :rows], lengths[place, :rows], field))
            for place, field in enumerate(self._fields)
        ]


def warm_up() -> None:
    """Compile the loops, or read what was compiled before."""
    field = Field("", 25)
    one = Rows([field, replace(field, oid=20), replace(field, oid=_NUMERIC, precision=1)])
    one.decode(bytes(HEADER) + b"\0\3" + 3 * b"\xff\xff\xff\xff" + b"\xff\xff")
