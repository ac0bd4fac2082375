"""Check digits: computed over the text that is written already.

Luhn: ISO/IEC 7812-1. EAN: GS1's modulo 10 with weights 3 and 1 from the right, of ISBN-13 too. IBAN: ISO 13616, modulo
97 (ISO 7064). ISBN-10: ISO 2108:1992, modulo 11, X for 10. Signs between digits do not count, except an IBAN's letters.
"""

from enum import IntEnum

import numpy as np

from generator_svc.core.primitives import compiled, load64, store64


class Check(IntEnum):
    """How a value is checked; NONE is not at all."""

    NONE = 0
    LUHN = 1
    EAN = 2
    IBAN = 3
    ISBN10 = 4


@compiled
def checked(check: np.uint64, start: np.uint64, end: np.uint64) -> np.uint64:
    """Write the check digit behind the text from start to end, an IBAN's into its third and fourth place."""
    if check == np.uint64(1) or check == np.uint64(2):
        total, odd, at = np.uint64(0), True, end
        while at > start:
            at -= np.uint64(1)
            digit = (load64(at) & np.uint64(0xFF)) - np.uint64(48)
            if digit > np.uint64(9):
                continue
            if odd:
                digit = (
                    digit * np.uint64(3)
                    if check == np.uint64(2)
                    else digit * np.uint64(2) // np.uint64(10) + (digit * np.uint64(2) % np.uint64(10))
                )
            total += digit
            odd = not odd
        store64(end, np.uint64(48) + (np.uint64(10) - total % np.uint64(10)) % np.uint64(10))
        return end + np.uint64(1)
    if check == np.uint64(3):
        rest = np.uint64(0)
        for offset in range(4, np.int64(end - start)):
            rest = _appended(rest, start + np.uint64(offset))
        rest = _appended(_appended(rest, start), start + np.uint64(1))
        number = np.uint64(98) - rest * np.uint64(100) % np.uint64(97)
        place = start + np.uint64(2)
        digits = (number // np.uint64(10) + np.uint64(48)) | ((number % np.uint64(10) + np.uint64(48)) << np.uint64(8))
        store64(place, (load64(place) & ~np.uint64(0xFFFF)) | digits)
    if check == np.uint64(4):
        return _isbn10(start, end)
    return end


@compiled
def _isbn10(start: np.uint64, end: np.uint64) -> np.uint64:
    """Write the digit that is the sum of the others, each times its place, modulo 11."""
    total, place, at = np.uint64(0), np.uint64(0), start
    while at < end:
        digit = (load64(at) & np.uint64(0xFF)) - np.uint64(48)
        at += np.uint64(1)
        if digit <= np.uint64(9):
            place += np.uint64(1)
            total += digit * place
    rest = total % np.uint64(11)
    store64(end, np.uint64(88) if rest == np.uint64(10) else np.uint64(48) + rest)
    return end + np.uint64(1)


@compiled
def _appended(rest: np.uint64, address: np.uint64) -> np.uint64:
    """Append a character to a number, modulo 97: a digit, or a letter as 10 to 35."""
    sign = load64(address) & np.uint64(0xFF)
    if sign > np.uint64(57):
        return (rest * np.uint64(100) + sign - np.uint64(55)) % np.uint64(97)
    return (rest * np.uint64(10) + sign - np.uint64(48)) % np.uint64(97)
