"""Columns of semi-structured text and of bytes: small JSON objects, arrays, vectors, points, intervals, binaries."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import Kernel, row_range
from generator_svc.core.kernels.numbers import Law, Permuted, Uniform
from generator_svc.core.kernels.slots import (
    TextBuffers,
    copy_slot,
    slot_table,
    string_cells,
    write_digits,
    write_number,
)
from generator_svc.core.primitives import Rows, compiled, mix, multiply_high, store64
from generator_svc.core.rules import BinaryRule
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask

_IDS: Final = 1_000_000
_WIDEST_NUMBER: Final = 20
_BINARY_BYTES: Final = 16
_WORD: Final = 8


@dataclass(frozen=True, slots=True)
class Field:
    """Text, then a number of [low, low + size), zero-padded to `width` digits if that is above 0."""

    text: str
    low: int
    size: int
    width: int = 0


_JSON: Final = (Field('{"id": ', 0, _IDS), Field(', "score": ', 0, 101), Field(', "level": ', 1, 5))
_POINT: Final = (Field("POINT(", -179, 359), Field(".", 0, 10_000, 4), Field(" ", -84, 169), Field(".", 0, 10_000, 4))
_INTERVAL: Final = (Field("", 0, 30), Field(" days ", 0, 24, 2), Field(":", 0, 60, 2), Field(":", 0, 60, 2))
_ARRAY: Final = (Field("[", 0, 1000), Field(", ", 0, 1000), Field(", ", 0, 1000))


def document_kernel(task: ColumnTask) -> Kernel:
    """Kernel of a type that is kept as text with a structure of its own."""
    kind = task.column.type.kind
    if task.distinct and kind is not TypeKind.JSON:
        raise ImpossibleRule(f"values of {kind.value} are not made distinct", hint="drop the uniqueness")
    match kind:
        case TypeKind.JSON:
            law = Permuted(task.key, max(task.rows, 1), task.first_row) if task.distinct else Uniform(task.key, _IDS)
            return FieldsKernel(task.key, _JSON, "}", law)
        case TypeKind.GEOGRAPHY:
            return FieldsKernel(task.key, _POINT, ")")
        case TypeKind.INTERVAL:
            return FieldsKernel(task.key, _INTERVAL, "")
        case TypeKind.VECTOR:
            size = max(task.column.type.length, 1)
            return FieldsKernel(task.key, [Field(", 0." if i else "[0.", 0, 10_000, 4) for i in range(size)], "]")
        case _:
            return FieldsKernel(task.key, _ARRAY, "]")


class FieldsKernel:
    """Text of fields in order; a law gives the first field's number where it has to be distinct."""

    arrow_type: pa.DataType = pa.string()

    def __init__(
        self, key: np.uint64, fields: list[Field] | tuple[Field, ...], end: str, law: Law | None = None
    ) -> None:
        self._key, self._law = key, law
        self._texts = slot_table([field.text for field in fields] + [end])
        self._lows = np.array([field.low for field in fields], np.int64)
        self._sizes = np.array([field.size for field in fields], np.uint64)
        self._widths = np.array([field.width for field in fields], np.uint64)
        digits = sum(max(field.width, len(str(field.low)), len(str(field.low + field.size))) for field in fields)
        self._most_bytes = int(self._texts.lengths.sum()) + digits + (_WIDEST_NUMBER if law else 0)

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return string_cells(rows, self._most_bytes, self._fill)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(row_range(first, count))

    def _fill(self, rows: Rows, buffers: TextBuffers) -> None:
        first = np.empty(0, np.int64) if self._law is None else self._law.draw(rows, len(rows))
        slots, lengths = self._texts
        _write_fields(
            rows, self._key, first, slots, lengths, self._lows, self._sizes, self._widths, buffers.offsets, buffers.data
        )


def binary_kernel(task: ColumnTask, rule: BinaryRule) -> Kernel:
    """Kernel of a BINARY column; distinct values start with a number of their own."""
    _refuse_other_lengths(task.column.type.length, rule)
    longest_value = task.column.type.length or max(_BINARY_BYTES, rule.max_length, rule.min_length)
    default = min(_BINARY_BYTES, longest_value)
    high = min(rule.max_length or (longest_value if rule.min_length else default), longest_value)
    low = min(rule.min_length or default, high)
    number_bytes = min(low, _WORD)
    task.require(1 << (8 * number_bytes), f"{number_bytes} bytes")
    law = Permuted(task.key, 1 << (8 * number_bytes)) if task.distinct else Uniform(task.key, 0)
    return BinaryKernel(task.key, law, low, high)


def _refuse_other_lengths(longest: int, rule: BinaryRule) -> None:
    low, high = rule.min_length, rule.max_length
    if min(low, high) < 0 or (high and low > high) or (longest and max(low, high) > longest):
        raise ImpossibleRule(
            f"no value has {low} to {high or 'any number of'} bytes"
            + (f"; the column has {longest}" if longest else ""),
            hint="lengths are at least 0, min_length at most max_length, both at most the column's length",
        )


class BinaryKernel:
    """Random bytes of a drawn length."""

    arrow_type: pa.DataType = pa.binary()

    def __init__(self, key: np.uint64, law: Law, low: int, high: int) -> None:
        self._key, self._law, self._low, self._high = key, law, low, high

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        text = string_cells(rows, max(self._high, 1), self._fill)
        return pa.Array.from_buffers(self.arrow_type, len(text), text.buffers())

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(row_range(first, count))

    def _fill(self, rows: Rows, buffers: TextBuffers) -> None:
        numbers = self._law.draw(rows, len(rows)).view(np.uint64)
        low, spread = np.uint64(self._low), np.uint64(self._high - self._low + 1)
        _write_bytes(rows, self._key, numbers, low, spread, buffers.offsets, buffers.data)


@compiled
def _write_fields(
    rows: Rows,
    key: np.uint64,
    first: npt.NDArray[np.int64],
    texts: npt.NDArray[np.uint8],
    lengths: Rows,
    lows: npt.NDArray[np.int64],
    sizes: Rows,
    widths: Rows,
    offsets: npt.NDArray[np.int32],
    data: npt.NDArray[np.uint8],
) -> None:
    text, stride = np.uint64(texts.ctypes.data), np.uint64(texts.shape[1])
    start = np.uint64(data.ctypes.data)
    end, count = start, len(lows)
    for i in range(len(rows)):
        cell = mix(rows[i] + key)
        for j in range(count):
            end = copy_slot(end, text + np.uint64(j) * stride, lengths[j])
            value = lows[j] + np.int64(multiply_high(mix(cell + np.uint64(j)), sizes[j]))
            if j == 0 and len(first) > 0:
                value = first[i]
            if value < 0:
                store64(end, np.uint64(45))
                end += np.uint64(1)
                value = -value
            if widths[j] > np.uint64(0):
                end = write_digits(end, np.uint64(value), widths[j])
            else:
                end = write_number(end, np.uint64(value))
        end = copy_slot(end, text + np.uint64(count) * stride, lengths[count])
        offsets[i + 1] = np.int32(end - start)


@compiled
def _write_bytes(
    rows: Rows,
    key: np.uint64,
    numbers: Rows,
    low: np.uint64,
    spread: np.uint64,
    offsets: npt.NDArray[np.int32],
    data: npt.NDArray[np.uint8],
) -> None:
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(rows)):
        cell = mix(rows[i] + key)
        length = low + multiply_high(cell, spread)
        store64(end, numbers[i])
        for at in range(np.uint64(8), length, np.uint64(8)):
            store64(end + np.uint64(at), mix(cell + np.uint64(at)))
        end += length
        offsets[i + 1] = np.int32(end - start)
