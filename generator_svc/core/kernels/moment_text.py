"""Dates and times as text of a strftime pattern, written straight into Arrow buffers.

Days to dates: Howard Hinnant's civil_from_days, in whole numbers, for the years 1 to 9999.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from generator_svc.core.kernels.kernel import Integers
from generator_svc.core.kernels.slots import (
    Bytes,
    TextBuffers,
    copy_slot,
    slot_table,
    string_cells,
    write_digits,
    write_number,
)
from generator_svc.core.primitives import Rows, compiled
from generator_svc.core.units import DAY, SECOND

_DIRECTIVE: Final = re.compile(r"%(.)|([^%]+)", re.DOTALL)
_WHOLE: Final[Mapping[str, str]] = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "D": "%m/%d/%y", "R": "%H:%M"}
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FIELDS: Final = ("", *"YymdjHIMSf", "half", "weekday", "s")
"""Numbers of a moment, in the order of the compiled code; the first is always 0."""
_DIGITS: Final[Mapping[str, int]] = {"Y": 4, "j": 3, "f": 6, **dict.fromkeys("ymdHIMS", 2), "s": 0}
"""Digits of the directives that write a number; 0: as many as it has."""
_NAMES: Final[Mapping[str, tuple[str, int, tuple[str, ...]]]] = {
    "p": ("half", 0, ("AM", "PM")),
    "A": ("weekday", 0, _DAYS),
    "a": ("weekday", 0, tuple(day[:3] for day in _DAYS)),
    "B": ("m", 1, _MONTHS),
    "b": ("m", 1, tuple(month[:3] for month in _MONTHS)),
}
"""Directives that write a word: by which field, the first word's number, the words."""
_UNITS: Final[Mapping[str, int]] = {
    "f": 1, "S": SECOND, "s": SECOND, "M": 60 * SECOND, "H": 3_600 * SECOND, "I": 3_600 * SECOND,
    "p": 12 * 3_600 * SECOND,
}  # fmt: skip
_WORD: Final = -1
_MOST_SECONDS: Final = 12
_TO_MARCH: Final = 719_468
"""Days from 0000-03-01 to 1970-01-01."""


@dataclass(frozen=True, slots=True)
class MomentPattern:
    """A pattern's directives, in order; the letter is empty for text that stands as it is."""

    pieces: tuple[tuple[str, str], ...]

    @property
    def unit(self) -> int:
        """Microseconds of the shortest unit that is written."""
        return min((_UNITS.get(letter, DAY) for letter, _ in self.pieces if letter), default=DAY)

    @property
    def most_characters(self) -> int:
        """Length of the longest text, in bytes too: directives write ASCII."""
        return sum(map(_most, self.pieces))

    def tells(self, *, day: bool) -> bool:
        """Tell whether different moments of `unit` have different texts; `day`: of different days too."""
        shown = {letter for letter, _ in self.pieces}
        months = shown & {"m", "B", "b"} and "d" in shown
        date = not day or ("Y" in shown and (bool(months) or "j" in shown))
        hour = "H" in shown or {"I", "p"} <= shown
        known = [(DAY, date), (3_600 * SECOND, hour), (60 * SECOND, "M" in shown), (SECOND, "S" in shown)]
        return "s" in shown or all(is_shown for unit, is_shown in known if unit >= self.unit)


def moment_pattern(pattern: str) -> MomentPattern | None:
    """Read a strftime pattern; None if it has a directive that is not known here, or writes nothing."""
    for letter, meaning in _WHOLE.items():
        pattern = pattern.replace(f"%{letter}", meaning)
    found = list(_DIRECTIVE.finditer(pattern))
    pieces = tuple(("", "%") if each[1] == "%" else (each[1] or "", each[2] or "") for each in found)
    known = all(not letter or letter in _DIGITS or letter in _NAMES for letter, _ in pieces)
    whole = sum(len(each[0]) for each in found) == len(pattern)
    return MomentPattern(pieces) if pieces and known and whole else None


class MomentText:
    """Storage of moments base + step * k, in microseconds since 1970, as text."""

    arrow_type: pa.DataType = pa.string()

    def __init__(self, pattern: MomentPattern, base: int, step: int) -> None:
        self._base, self._step = np.uint64(base + _TO_MARCH * DAY), np.uint64(step)
        words: list[str] = []
        steps: list[tuple[int, int, int]] = []
        for letter, text in pattern.pieces:
            field, lowest, listed = _NAMES.get(letter, ("", 0, (text,)))
            if letter in _DIGITS:
                steps.append((_FIELDS.index(letter), _DIGITS[letter], 0))
            else:
                steps.append((_FIELDS.index(field), _WORD, len(words) - lowest))
                words += listed
        self._table, self._pieces = slot_table(words or [""]), np.array(steps, np.int64)
        self._most_bytes = sum(len(text.encode()) or _most((letter, text)) for letter, text in pattern.pieces)

    def array(self, steps: Integers) -> pa.Array:
        """Texts of base + step * k."""
        return string_cells(steps.view(np.uint64), self._most_bytes, self._fill)

    def _fill(self, steps: Rows, buffers: TextBuffers) -> None:
        slots, lengths = self._table
        write_moments(steps, self._base, self._step, self._pieces, slots, lengths, buffers.offsets, buffers.data)


def _most(piece: tuple[str, str]) -> int:
    letter, text = piece
    if letter in _DIGITS:
        return _DIGITS[letter] or _MOST_SECONDS
    return max(map(len, _NAMES[letter][2])) if letter else len(text)


@compiled
def write_moments(
    steps: Rows,
    base: np.uint64,
    step: np.uint64,
    pieces: Integers,
    slots: Bytes,
    lengths: npt.NDArray[np.uint64],
    offsets: npt.NDArray[np.int32],
    data: Bytes,
) -> None:
    """Write one text per step."""
    fields = np.zeros(14, np.uint64)
    words, stride = np.uint64(slots.ctypes.data), np.uint64(slots.shape[1])
    start = np.uint64(data.ctypes.data)
    end = start
    for i in range(len(steps)):
        _split(base + steps[i] * step, fields)
        for piece in range(len(pieces)):
            value = fields[pieces[piece, 0]]
            digits = pieces[piece, 1]
            if digits > 0:
                end = write_digits(end, value, np.uint64(digits))
            elif digits == 0:
                end = write_number(end, value)
            else:
                word = np.int64(value) + pieces[piece, 2]
                end = copy_slot(end, words + np.uint64(word) * stride, lengths[word])
        offsets[i + 1] = np.int32(end - start)


@compiled
def _split(moment: np.uint64, fields: Rows) -> None:
    """Split microseconds since 0000-03-01 into the numbers of `_FIELDS`."""
    day = moment // np.uint64(86_400_000_000)
    rest = moment - day * np.uint64(86_400_000_000)
    era = day // np.uint64(146_097)
    of_era = day - era * np.uint64(146_097)
    year_of_era = (
        of_era - of_era // np.uint64(1_460) + of_era // np.uint64(36_524) - of_era // np.uint64(146_096)
    ) // np.uint64(365)
    of_year = of_era - (np.uint64(365) * year_of_era + year_of_era // np.uint64(4) - year_of_era // np.uint64(100))
    march = (np.uint64(5) * of_year + np.uint64(2)) // np.uint64(153)
    early = np.uint64(march >= np.uint64(10))
    year = year_of_era + era * np.uint64(400) + early
    leap = np.uint64(
        year % np.uint64(4) == np.uint64(0)
        and (year % np.uint64(100) != np.uint64(0) or year % np.uint64(400) == np.uint64(0))
    )
    second = rest // np.uint64(1_000_000)
    hour = second // np.uint64(3_600)
    fields[1] = year
    fields[2] = year % np.uint64(100)
    fields[3] = march + np.uint64(3) - np.uint64(12) * early
    fields[4] = of_year - (np.uint64(153) * march + np.uint64(2)) // np.uint64(5) + np.uint64(1)
    fields[5] = of_year + np.uint64(60) + leap - early * (np.uint64(365) + leap)
    fields[6] = hour
    fields[7] = (hour + np.uint64(11)) % np.uint64(12) + np.uint64(1)
    fields[8] = second // np.uint64(60) % np.uint64(60)
    fields[9] = second % np.uint64(60)
    fields[10] = rest % np.uint64(1_000_000)
    fields[11] = hour // np.uint64(12)
    fields[12] = (day + np.uint64(2)) % np.uint64(7)
    fields[13] = (day - np.uint64(719_468)) * np.uint64(86_400) + second
