"""Distinct text by construction: a row's own number in mixed radix, every digit a word of a list.

A list with weights is spread over more digits than it has words: frequent words take more of them, and which one it was
goes into a number behind the words (`james.smith48@…`). So names are as skewed as people's and no value comes twice.
What is beyond the lists' product goes into that number too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.check_digits import Check, checked
from generator_svc.core.kernels.numbering import Numbering
from generator_svc.core.kernels.slots import (
    SLACK,
    Bytes,
    TextBuffers,
    copy_slot,
    slot_table,
    string_cells,
    write_number,
)
from generator_svc.core.primitives import Rows, compiled, load64, multiply_high, store64

SHARES: Final = 4096
"""Digits that a weighted list is spread over."""
_NUMBER_DIGITS: Final = 16
_HEAD_WORDS: Final = 5
_PLACE_WORDS: Final = 3
# Fields of a digit's entry: 38 bits of offset, twice 13 bits of counts.
_WHICH: Final = 38
_SHARE: Final = 51
_OFFSET: Final = (1 << 38) - 1
_FIELD: Final = (1 << 13) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """One digit's words: plain if `weights` is empty, else spread; `number` puts the number behind this place."""

    words: tuple[str, ...]
    weights: tuple[float, ...] = ()
    number: bool = False
    sign: str = ""
    check: Check = Check.NONE

    @property
    def radix(self) -> int:
        """Values of the digit."""
        return SHARES if self.weights else len(self.words)


def capacity(places: Sequence[Place]) -> int:
    """Count the values that need no number for what is beyond the lists."""
    return math.prod(place.radix for place in places)


def holds(places: Sequence[Place], rows: int, limit: int) -> bool:
    """Tell whether the places have values for `rows` rows of at most `limit` characters (0: any)."""
    roomy = rows <= capacity(places) or any(place.number for place in places)
    return roomy and (not limit or longest(places, rows) <= limit)


def longest(places: Sequence[Place], rows: int) -> int:
    """Bound the characters of the first `rows` values."""
    beyond = max(rows - 1, 0) // capacity(places) + 1
    number = 0
    for place in places:
        if place.weights:
            beyond *= max(_shares(place.weights))
        if place.number and beyond > 1:
            number = len(str(beyond)) + len(place.sign)
    return number + any(place.check for place in places) + sum(max(map(len, place.words)) for place in places)


class DistinctKernel:
    """Text of the places' words in order, a different one in every row.

    The places have to be decodable: words of one place are distinct, and it shows where a place ends.
    """

    arrow_type: pa.DataType = pa.string()

    def __init__(self, places: Sequence[Place], key: np.uint64) -> None:
        self._numbering = Numbering(capacity(places), key)
        self._image, self._check = _image(places), np.uint64(places[-1].check)
        words = sum(max(len(word.encode()) for word in place.words) for place in places)
        self._most_bytes = words + 1 + _NUMBER_DIGITS + max(len(place.sign) for place in places)

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows."""
        return string_cells(self._numbering.cells(rows), self._most_bytes, self._fill)

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return string_cells(self._numbering.span(first, count), self._most_bytes, self._fill)

    def _fill(self, numbers: Rows, buffers: TextBuffers) -> None:
        write_distinct(numbers, self._image, self._check, buffers.offsets, buffers.data)


def _shares(weights: Sequence[float]) -> list[int]:
    """Give each word at least one of `SHARES` digits, the rest by weight (largest remainders, then order)."""
    spare, total = SHARES - len(weights), sum(weights)
    ideal = [weight / total * spare for weight in weights]
    shares = [1 + int(part) for part in ideal]
    order = sorted(range(len(ideal)), key=lambda i: int(ideal[i]) - ideal[i])
    for i in order[: SHARES - sum(shares)]:
        shares[i] += 1
    return shares


def _digits(place: Place, lengths: npt.NDArray[np.uint64], words: int, stride: int) -> npt.NDArray[np.uint64]:
    """List a place's digits in fields: the word's offset, which of its digits this is, how many the word has."""
    shares = _shares(place.weights) if place.weights else [1] * len(lengths)
    packed = [
        (words + word * stride) | (which << _WHICH) | (share << _SHARE)
        for word, share in enumerate(shares)
        for which in range(share)
    ]
    return np.array(packed, np.uint64)


def _image(places: Sequence[Place]) -> npt.NDArray[np.uint64]:
    """Lay places out in one buffer of 64-bit words; offsets are in bytes from its start.

    Head: product, its reciprocal, places before the number, places behind it, the number's sign (its length in the
    highest byte). Per place: radix, reciprocal, offset of its digits. Then each place's digits and its words (length,
    slot).
    """
    product = capacity(places)
    before = next((at + 1 for at, place in enumerate(places) if place.number), 0)
    sign = places[before - 1].sign.encode() if before else b""
    head = [product, _reciprocal(product), before, len(places) - before]
    head.append(int.from_bytes(sign, "little") | (len(sign) << 56))
    at = 8 * (_HEAD_WORDS + _PLACE_WORDS * len(places))
    pools: list[npt.NDArray[np.uint64]] = []
    for place in places:
        slots, lengths = slot_table(place.words)
        records = np.concatenate([lengths[:, None], slots.view(np.uint64)], axis=1)
        digits = _digits(place, lengths, at + 8 * place.radix, 8 * records.shape[1])
        head += [place.radix, _reciprocal(place.radix), at]
        pools += [digits, records.reshape(-1)]
        at += digits.nbytes + records.nbytes
    return np.concatenate([np.array(head, np.uint64), *pools, np.zeros(SLACK // 8, np.uint64)])


def _reciprocal(divisor: int) -> int:
    return min((1 << 64) // divisor, (1 << 64) - 1)


@compiled
def write_distinct(
    numbers: Rows, image: npt.NDArray[np.uint64], check: np.uint64, offsets: npt.NDArray[np.int32], data: Bytes
) -> None:
    """Write one value per number."""
    head = np.uint64(image.ctypes.data)
    start = np.uint64(data.ctypes.data)
    product, reciprocal = image[0], image[1]
    before, behind, sign = image[2], image[3], image[4]
    end = start
    for i in range(len(numbers)):
        begin = end
        beyond = _quotient(numbers[i], product, reciprocal)
        rest = numbers[i] - beyond * product
        place = head + np.uint64(8 * _HEAD_WORDS)
        for _ in range(before):
            rest, digit = _next_digit(head, place, rest)
            end = _copy_word(head, digit, end)
            beyond = beyond * (digit >> np.uint64(_SHARE)) + ((digit >> np.uint64(_WHICH)) & np.uint64(_FIELD))
            place += np.uint64(8 * _PLACE_WORDS)
        if before > np.uint64(0) and beyond > np.uint64(0):
            store64(end, sign)
            end = write_number(end + (sign >> np.uint64(56)), beyond)
        for _ in range(behind):
            rest, digit = _next_digit(head, place, rest)
            end = _copy_word(head, digit, end)
            place += np.uint64(8 * _PLACE_WORDS)
        end = checked(check, begin, end)
        offsets[i + 1] = np.int32(end - start)


@compiled
def _next_digit(image: np.uint64, place: np.uint64, rest: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Take a place's digit off a number; what is left and the digit's entry."""
    radix = load64(place)
    left = _quotient(rest, radix, load64(place + np.uint64(8)))
    digits = image + load64(place + np.uint64(16))
    return left, load64(digits + np.uint64(8) * (rest - left * radix))


@compiled
def _copy_word(image: np.uint64, digit: np.uint64, target: np.uint64) -> np.uint64:
    word = image + (digit & np.uint64(_OFFSET))
    return copy_slot(target, word + np.uint64(8), load64(word))


@compiled
def _quotient(value: np.uint64, divisor: np.uint64, reciprocal: np.uint64) -> np.uint64:
    """Divide by multiplying: one too few at most."""
    quotient = multiply_high(value, reciprocal)
    return quotient + np.uint64(value - quotient * divisor >= divisor)
