"""Compiled loops over PostgreSQL's COPY BINARY; importing this module takes most of a second.

A piece is bytes of whole rows and perhaps the beginning of one more. Positions and lengths have a row per column;
a length below 0 is a null.
"""

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]

END = -1
_TRAILER = 0xFFFF
_NEGATIVE, _SPECIAL = 0x4000, 0x8000
_DIGITS_AT = 8
compiled = numba.njit(nogil=True, cache=True)


@compiled
def _two(piece: Bytes, at: int) -> np.int64:
    return (np.int64(piece[at]) << 8) | np.int64(piece[at + 1])


@compiled
def _four(piece: Bytes, at: int) -> np.int64:
    return (np.int64(np.int8(piece[at])) << 24) | (np.int64(piece[at + 1]) << 16) | _two(piece, at + 2)


@compiled
def find_fields(piece: Bytes, at: int, positions: Places, lengths: Places) -> tuple[int, int]:
    """Find the fields of the whole rows from `at` on; answer the rows, and where the rest begins, `END` at the end."""
    end = len(piece)
    for row in range(positions.shape[1]):
        if at + 2 > end:
            return row, at
        if _two(piece, at) == _TRAILER:
            return row, END
        here = at + 2
        for column in range(positions.shape[0]):
            if here + 4 > end:
                return row, at
            length = int(_four(piece, here))
            here += 4
            positions[column, row] = here
            lengths[column, row] = length
            if length > 0:
                here += length
        if here > end:
            return row, at
        at = here
    return positions.shape[1], at


@compiled
def read_integers(piece: Bytes, positions: Places, lengths: Places, added: int, made: Integers) -> bool:
    """Read integers of any width and add `added`; False where one is an infinite moment. A null is 0."""
    for row in range(len(made)):
        length, at, value = lengths[row], positions[row], np.int64(0)
        if length > 0:
            value = np.int64(np.int8(piece[at]))
            for place in range(1, length):
                value = (value << 8) | np.int64(piece[at + place])
            farthest = (np.int64(1) << (8 * length - 1)) - 1
            if added and (value == farthest or value == -farthest - 1):
                return False
            value += added
        made[row] = value
    return True


@compiled
def read_numerics(
    piece: Bytes, positions: Places, lengths: Places, scale: int, tens: Integers, made: npt.NDArray[np.int64]
) -> bool:
    """Read numerics of at most 18 digits as 128-bit integers of `scale`; False where one is NaN or has other digits."""
    for row in range(len(made)):
        at, value = positions[row], np.int64(0)
        if lengths[row] >= _DIGITS_AT:
            weight = np.int64(np.int16(_two(piece, at + 2)))
            sign = _two(piece, at + 4)
            if sign & _SPECIAL:
                return False
            for place in range(_two(piece, at)):
                digit = _two(piece, at + _DIGITS_AT + 2 * place)
                power = 4 * (weight - place) + scale
                if power < 0 and digit % tens[-power]:
                    return False
                value += digit * tens[power] if power >= 0 else digit // tens[-power]
            if sign == _NEGATIVE:
                value = -value
        made[row, 0] = value
        made[row, 1] = value >> 63
    return True


@compiled
def copy_texts(piece: Bytes, positions: Places, lengths: Places, offsets: Places, made: Bytes) -> None:
    """Copy texts behind one another; `offsets` says where each begins."""
    at = 0
    for row in range(len(lengths)):
        offsets[row] = at
        begin = positions[row]
        for place in range(lengths[row]):
            made[at + place] = piece[begin + place]
        at += max(lengths[row], 0)
    offsets[len(lengths)] = at
