"""Version 4 UUIDs that never repeat: a Feistel network over their 122 free bits, from the row number."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.kernel import row_range
from generator_svc.core.kernels.slots import SLACK, Bytes
from generator_svc.core.primitives import Rows, compiled, derive_key, mix, store64

DASHED: Final = 36
PLAIN: Final = 32
_HALF: Final = np.uint64((1 << 61) - 1)
_VERSION: Final = np.uint64(0x4000)
_VARIANT: Final = np.uint64(1 << 63)
_DASH: Final = np.uint64(ord("-"))
_ROUNDS: Final = 4


class UuidKernel:
    """UUIDs as text of 36 characters, or of 32 without dashes; distinct over all rows below 2^61."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, key: np.uint64, *, dashes: bool = True) -> None:
        self._keys = np.array([derive_key("uuid", int(key), number) for number in range(_ROUNDS)], np.uint64)
        self._width = DASHED if dashes else PLAIN

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows."""
        count = len(rows)
        offsets = np.arange(0, self._width * count + 1, self._width, dtype=np.int32)
        data = np.empty(self._width * count + SLACK, np.uint8)
        write_uuids(rows, self._keys, self._width, data)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data[: self._width * count])]
        return pa.Array.from_buffers(pa.string(), count, buffers, null_count=0)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self.cells(row_range(first, count))


@compiled
def write_uuids(rows: Rows, keys: npt.NDArray[np.uint64], width: int, data: Bytes) -> None:
    """Write one UUID of `width` characters per row."""
    target = np.uint64(data.ctypes.data)
    dash = np.uint64(width == DASHED)
    for i in range(len(rows)):
        left, right = np.uint64(0), rows[i]
        for number in range(0, _ROUNDS, 2):
            left ^= mix(right ^ keys[number]) & _HALF
            right ^= mix(left ^ keys[number + 1]) & _HALF
        high = ((left >> np.uint64(13)) << np.uint64(16)) | _VERSION | ((left >> np.uint64(1)) & np.uint64(0xFFF))
        low = _VARIANT | ((left & np.uint64(1)) << np.uint64(61)) | right
        _write(target, high, low, dash)
        target += np.uint64(width)


@compiled
def _write(target: np.uint64, high: np.uint64, low: np.uint64, dash: np.uint64) -> None:
    """Write 8-4-4-4-12 digits, with dashes if `dash` is 1: later stores overwrite what earlier ones wrote beyond."""
    parts = (
        _hex(high >> np.uint64(32)),
        _hex(high & np.uint64(0xFFFFFFFF)),
        _hex(low >> np.uint64(32)),
        _hex(low & np.uint64(0xFFFFFFFF)),
    )
    store64(target, parts[0])
    at = target + np.uint64(8)
    for part in parts[1:3]:
        at = _quad(at, part, dash)
        at = _quad(at, part >> np.uint64(32), dash)
    store64(at, parts[3])


@compiled
def _quad(target: np.uint64, text: np.uint64, dash: np.uint64) -> np.uint64:
    """Write four digits, behind a dash if `dash` is 1."""
    store64(target, _DASH)
    store64(target + dash, text)
    return target + dash + np.uint64(4)


@compiled
def _hex(value: np.uint64) -> np.uint64:
    """Give the 8 hexadecimal digits of 32 bits as text, the first digit in the lowest byte."""
    x = ((value & np.uint64(0xFFFF)) << np.uint64(32)) | (value >> np.uint64(16))
    x = ((x & np.uint64(0x000000FF000000FF)) << np.uint64(16)) | ((x >> np.uint64(8)) & np.uint64(0x000000FF000000FF))
    x = ((x & np.uint64(0x000F000F000F000F)) << np.uint64(8)) | ((x >> np.uint64(4)) & np.uint64(0x000F000F000F000F))
    letters = ((x + np.uint64(0x0606060606060606)) >> np.uint64(4)) & np.uint64(0x0101010101010101)
    return x + np.uint64(0x3030303030303030) + letters * np.uint64(39)
