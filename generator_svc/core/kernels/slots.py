"""Words in slots, so that a word is written by one wide copy, and Arrow string arrays made of raw buffers.

A pool is one byte buffer of equally wide slots per list. Copies write whole slots and then advance by the word's true
length: every target buffer ends with `SLACK` spare bytes, and the last word's excess is cut off by the offsets.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.primitives import Rows, compiled, copy16, load64, store64

SLACK: Final = 64
"""Spare bytes behind every target buffer: more than any copy writes beyond a word's end."""
_MOST_BYTES: Final = 2**31 - 1
_PIECE_BYTES: Final = 2**29
_BLOCK: Final = 16
_BLANK: Final = 0x20
_ZEROS: Final = np.uint64(0x3030303030303030)

Bytes = npt.NDArray[np.uint8]


class SlotTable(NamedTuple):
    """The words of one list: word i is the first `lengths[i]` bytes of row i of `slots`."""

    slots: Bytes
    lengths: npt.NDArray[np.uint64]


def slot_table(words: Sequence[str]) -> SlotTable:
    """Lay words out, UTF-8, in slots of as many 16-byte blocks as the longest takes."""
    encoded = [word.encode() for word in words]
    width = -(-max(max(len(word) for word in encoded), 1) // _BLOCK) * _BLOCK
    padded = b"".join(word.ljust(width, b"\0") for word in encoded)
    slots = np.frombuffer(padded, np.uint8).reshape(len(encoded), width)
    return SlotTable(slots, np.array([len(word) for word in encoded], np.uint64))


class TextBuffers(NamedTuple):
    """Offsets and bytes of a string array in the making."""

    offsets: npt.NDArray[np.int32]
    data: Bytes


def string_cells(numbers: Rows, most_bytes: int, fill: Callable[[Rows, TextBuffers], None]) -> pa.Array:
    """Make the strings of `numbers`, each at most `most_bytes` long: `fill` writes one piece's offsets and bytes."""
    step = max(_PIECE_BYTES // most_bytes, 1)
    pieces = [_piece(numbers[at : at + step], most_bytes, fill) for at in range(0, max(len(numbers), 1), step)]
    if len(pieces) == 1:
        return pieces[0]
    if sum(piece.nbytes for piece in pieces) > _MOST_BYTES:
        raise InvalidArgument(
            f"a batch of {len(numbers)} rows of text is beyond the 2 GiB of an Arrow string column",
            hint="ask for fewer rows in a batch",
        )
    return pa.concat_arrays(pieces)


def _piece(numbers: Rows, most_bytes: int, fill: Callable[[Rows, TextBuffers], None]) -> pa.Array:
    """Reserve generously (untouched pages cost nothing), fill, wrap without a copy."""
    count = len(numbers)
    buffers = TextBuffers(np.zeros(count + 1, np.int32), np.empty(count * most_bytes + SLACK, np.uint8))
    fill(numbers, buffers)
    used = buffers.data[: int(buffers.offsets[-1])]
    wrapped = [None, pa.py_buffer(buffers.offsets), pa.py_buffer(used)]
    return pa.Array.from_buffers(pa.string(), count, wrapped, null_count=0)


@compiled
def copy_slot(target: np.uint64, source: np.uint64, length: np.uint64) -> np.uint64:
    """Copy a slot whose word has `length` bytes; the address behind the word."""
    copy16(target, source)
    copied = np.uint64(_BLOCK)
    while copied < length:
        copy16(target + copied, source + copied)
        copied += np.uint64(_BLOCK)
    return target + length


@compiled
def eight_digits(value: np.uint64) -> np.uint64:
    """Give the eight decimal digits of a value below 10^8 as text, the first digit in the lowest byte."""
    high = value // np.uint64(10000)
    x = high | ((value - high * np.uint64(10000)) << np.uint64(32))
    hundreds = ((x * np.uint64(10486)) >> np.uint64(20)) & np.uint64(0x0000007F0000007F)
    x = hundreds | ((x - hundreds * np.uint64(100)) << np.uint64(16))
    tens = ((x * np.uint64(103)) >> np.uint64(10)) & np.uint64(0x000F000F000F000F)
    return (tens | ((x - tens * np.uint64(10)) << np.uint64(8))) + _ZEROS


@compiled
def write_digits(target: np.uint64, value: np.uint64, width: np.uint64) -> np.uint64:
    """Write a value below 10^width, width at most 8, with leading zeros; the address behind it."""
    store64(target, eight_digits(value) >> (np.uint64(64) - (width << np.uint64(3))))
    return target + width


@compiled
def write_number(target: np.uint64, value: np.uint64) -> np.uint64:
    """Write a value below 10^16 without leading zeros; the address behind it."""
    high = value // np.uint64(100000000)
    if high > np.uint64(0):
        target = write_digits(target, high, digits(high))
        return write_digits(target, value - high * np.uint64(100000000), np.uint64(8))
    return write_digits(target, value, digits(value))


@compiled
def digits(value: np.uint64) -> np.uint64:
    """Count the decimal digits of a value below 10^8."""
    count = np.uint64(1)
    for power in (10, 100, 1000, 10000, 100000, 1000000, 10000000):
        count += np.uint64(value >= np.uint64(power))
    return count


@compiled
def fits(start: np.uint64, end: np.uint64, limit: np.uint64) -> bool:
    """Tell whether the text from start to end has at most `limit` characters."""
    return bool(end - start <= limit or _behind(start, end, limit) == end)


@compiled
def cut(start: np.uint64, end: np.uint64, limit: np.uint64) -> np.uint64:
    """Cut the text from start to end to at most `limit` characters, without blanks at its end."""
    if end - start <= limit:
        return end
    behind = _behind(start, end, limit)
    if behind < end:
        while behind > start and _byte(behind - np.uint64(1)) == np.uint64(_BLANK):
            behind -= np.uint64(1)
    return behind


@compiled
def _behind(start: np.uint64, end: np.uint64, limit: np.uint64) -> np.uint64:
    """Find the address behind the first `limit` characters: where the next one begins, or the end."""
    characters, at = np.uint64(0), start
    while at < end:
        if _byte(at) & np.uint64(0xC0) != np.uint64(0x80):
            if characters == limit:
                return at
            characters += np.uint64(1)
        at += np.uint64(1)
    return end


@compiled
def _byte(address: np.uint64) -> np.uint64:
    return load64(address) & np.uint64(0xFF)
