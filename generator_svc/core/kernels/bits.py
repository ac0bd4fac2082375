"""Yes-or-no draws, written straight into Arrow bitmaps: booleans and validity."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.few_texts import has_dictionary
from generator_svc.core.kernels.kernel import RowSource, row_at
from generator_svc.core.primitives import Rows, compiled, mix

Bitmap = npt.NDArray[np.uint8]
_WHOLE = 1 << 64


def drawn_bits(rows: RowSource, count: int, key: np.uint64, probability: float) -> Bitmap:
    """One bit a row, least significant first: set with a probability, exact to 2^-64."""
    threshold = int(Fraction(probability) * _WHOLE)
    if threshold >= _WHOLE:
        return np.full((count + 7) // 8, 255, np.uint8)
    out = np.zeros((count + 7) // 8, np.uint8)
    if threshold > 0:
        _draw_bits(rows, count, key, np.uint64(threshold), out)
    return out


def with_validity(array: pa.Array, valid: Bitmap) -> pa.Array:
    """Lay nulls over an array that starts at offset 0; nulls that it has already stay."""
    if has_dictionary(array.type):
        return pa.DictionaryArray.from_arrays(with_validity(array.indices, valid), array.dictionary)
    buffers: Sequence[pa.Buffer | None] = array.buffers()
    if buffers[0] is not None and array.null_count:
        valid = valid & np.frombuffer(buffers[0], np.uint8)[: len(valid)]
    return pa.Array.from_buffers(array.type, len(array), [pa.py_buffer(valid), *buffers[1:]])


class BooleanKernel:
    """true with a probability."""

    arrow_type = pa.bool_()

    def __init__(self, key: np.uint64, probability: float) -> None:
        self._key, self._probability = key, probability

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._array(rows, len(rows))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._array(np.uint64(first), count)

    def _array(self, rows: RowSource, count: int) -> pa.Array:
        bits = drawn_bits(rows, count, self._key, self._probability)
        return pa.Array.from_buffers(self.arrow_type, count, [None, pa.py_buffer(bits)])


@compiled
def _draw_bits(rows: RowSource, count: int, key: np.uint64, threshold: np.uint64, out: Bitmap) -> None:
    for byte in range(count >> 3):
        bits = np.uint8(0)
        for bit in range(8):
            drawn = mix(row_at(rows, byte * 8 + bit) + key) < threshold
            bits |= np.uint8(np.uint8(drawn) << np.uint8(bit))
        out[byte] = bits
    for i in range(count & ~7, count):
        if mix(row_at(rows, i) + key) < threshold:
            out[i >> 3] |= np.uint8(1 << (i & 7))
