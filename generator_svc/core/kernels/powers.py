"""log2, exp2 and powers from + - x / alone: the same bits on every machine."""

from typing import Final

import numpy as np

from generator_svc.core.primitives import bits_of_float, compiled, float_of_bits

_MANTISSA: Final = np.uint64(52)
_BIAS: Final = np.uint64(1023)
# Added to a double's bits so that its mantissa falls into [1/sqrt 2, sqrt 2).
_CENTRE: Final = np.uint64(0x00095F619980C434)
# Bits of 2^52: or-ed with a small integer they are the double 2^52 + integer.
_TWO_52: Final = np.uint64(0x4330000000000000)
_ROUNDER: Final = 6755399441055744.0
_LN_2: Final = 0.6931471805599453094
_TWO_OVER_LN_2: Final = 2.885390081777926814


@compiled
def log2(x: float) -> float:
    """log2 of a positive normal double, to 1e-13: the atanh series of the mantissa."""
    bits = bits_of_float(x)
    exponent = (bits + _CENTRE) >> _MANTISSA
    whole = float_of_bits(exponent | _TWO_52) - 4503599627371519.0
    mantissa = float_of_bits(bits - ((exponent - _BIAS) << _MANTISSA))
    z = (mantissa - 1.0) / (mantissa + 1.0)
    w = z * z
    p = 1.0 / 17
    p = p * w + 1.0 / 15
    p = p * w + 1.0 / 13
    p = p * w + 1.0 / 11
    p = p * w + 1.0 / 9
    p = p * w + 1.0 / 7
    p = p * w + 1.0 / 5
    p = p * w + 1.0 / 3
    p = p * w + 1.0
    return whole + p * z * _TWO_OVER_LN_2


@compiled
def exp2(y: float) -> float:
    """2^y for |y| < 1000, to 1e-14: rounding by a magic addition, then Taylor's series of the rest."""
    rounded = y + _ROUNDER
    f = (y - (rounded - _ROUNDER)) * _LN_2
    p = 1.0 / 6227020800
    p = p * f + 1.0 / 479001600
    p = p * f + 1.0 / 39916800
    p = p * f + 1.0 / 3628800
    p = p * f + 1.0 / 362880
    p = p * f + 1.0 / 40320
    p = p * f + 1.0 / 5040
    p = p * f + 1.0 / 720
    p = p * f + 1.0 / 120
    p = p * f + 1.0 / 24
    p = p * f + 1.0 / 6
    p = p * f + 0.5
    p = p * f + 1.0
    p = p * f + 1.0
    return p * float_of_bits((bits_of_float(rounded) + _BIAS) << _MANTISSA)


@compiled
def power(x: float, y: float) -> float:
    """x^y for positive x."""
    return exp2(y * log2(x))
