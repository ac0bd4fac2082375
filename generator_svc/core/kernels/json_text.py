"""JSON made of other kernels: objects of members, arrays of elements. Text as `json.dumps` writes it, keys in order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from generator_svc.core.kernels.bits import drawn_bits
from generator_svc.core.kernels.few_texts import plain
from generator_svc.core.kernels.kernel import Integers, Kernel, RowSource
from generator_svc.core.kernels.numbers import Law
from generator_svc.core.parts import evaluate
from generator_svc.core.primitives import Rows

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CONTROLS: Final = "[\\x00-\\x1f]"
_SEPARATOR: Final = ", "


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object; `raw` text is JSON already. It is left out of a share of the rows."""

    name: str
    kernel: Kernel
    raw: bool
    key: np.uint64
    absent: float


class JsonObjectKernel:
    """Objects whose members follow kernels."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = members

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._objects(rows, len(rows))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._objects(np.uint64(first), count)

    def _objects(self, rows: RowSource, count: int) -> pa.Array:
        if not self._members:
            return pa.repeat(_text("{}"), count)
        bodies = _joined(*(_written(member, rows, count) for member in self._members))
        return _joined(_text("{"), pc.utf8_slice_codeunits(bodies, len(_SEPARATOR)), _text("}"))


class JsonArrayKernel:
    """Arrays of `low` elements and as many more as the law draws; element k of row r is cell r * most + k."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, kernel: Kernel, lengths: Law, low: int, most: int, *, raw: bool) -> None:
        self._kernel, self._lengths, self._low, self._most, self._raw = kernel, lengths, low, most, raw

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._arrays(rows, self._lengths.draw(rows, len(rows)))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(np.arange(first, first + count, dtype=np.uint64))

    def _arrays(self, rows: Rows, drawn: Integers) -> pa.Array:
        ends = np.cumsum(drawn + self._low)
        starts = np.concatenate([np.zeros(1, np.int64), ends])
        places = np.arange(int(starts[-1])) - np.repeat(starts[:-1], drawn + self._low)
        numbers = np.repeat(rows * np.uint64(self._most), drawn + self._low) + places.astype(np.uint64)
        texts = json_texts(self._kernel.cells(numbers), raw=self._raw)
        lists = pa.ListArray.from_arrays(pa.array(starts.astype(np.int32)), texts)
        return _joined(_text("["), pc.binary_join(lists, _SEPARATOR), _text("]"))


def json_texts(array: pa.Array, *, raw: bool) -> pa.Array:
    """Write each value as JSON."""
    array = plain(array)
    if raw:
        return array
    if pa.types.is_floating(array.type):
        return pc.if_else(pc.is_finite(array), array.cast(pa.string()), _text("null"))
    texts = array.cast(pa.string())
    if pa.types.is_integer(array.type) or pa.types.is_decimal(array.type) or pa.types.is_boolean(array.type):
        return texts
    for mark, escape in _ESCAPES.items():
        texts = pc.replace_substring(texts, mark, escape)
    if pc.any(pc.match_substring_regex(texts, _CONTROLS)).as_py():
        return pa.array(
            [json.dumps(value, ensure_ascii=False) for value in array.cast(pa.string()).to_pylist()], pa.string()
        )
    return _joined(_text('"'), texts, _text('"'))


def _written(member: Member, rows: RowSource, count: int) -> pa.Array:
    texts = json_texts(evaluate(member.kernel, rows, count), raw=member.raw)
    texts = _joined(_text(f"{_SEPARATOR}{json.dumps(member.name, ensure_ascii=False)}: "), texts)
    if member.absent <= 0:
        return texts
    absent = np.unpackbits(drawn_bits(rows, count, member.key, member.absent), count=count, bitorder="little")
    return pc.if_else(pa.array(absent.astype(bool)), _text(""), texts)


def _joined(*pieces: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*pieces, _text(""))


def _text(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.string())
