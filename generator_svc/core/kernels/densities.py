"""Densities of the gamma and beta laws on a line where they are smooth: the logarithm of x, or of x / (1 - x).

There both are log-concave with tails that fall exponentially, whatever their shapes. Densities are relative to the
mode, so that no gamma function is needed: a law's mass is the integral of what stands here. Only + - x / and own
powers: the same bits on every machine.
"""

from typing import Final, NamedTuple

from generator_svc.core.kernels.powers import exp2, log2
from generator_svc.core.primitives import compiled

LOG2_E: Final = 1.4426950408889634074
LN_2: Final = 0.6931471805599453094
GAMMA: Final = 0
BETA: Final = 1
_NEAR: Final = 0.1
_LARGEST: Final = 600.0
_TERMS: Final = 18


class Density(NamedTuple):
    """A law: GAMMA of shape `a`, or BETA of shapes `a` <= `b`."""

    kind: int
    a: float
    b: float


@compiled
def exponential(s: float) -> float:
    """e^s, cut where a double would end."""
    return exp2(min(max(s, -_LARGEST), _LARGEST) * LOG2_E)


@compiled
def _rise(s: float) -> float:
    """e^s - 1, exact near 0: Taylor's series."""
    if abs(s) >= _NEAR:
        return exponential(s) - 1.0
    total, term = 0.0, 1.0
    for n in range(1, _TERMS):
        term *= s / n
        total += term
    return total


@compiled
def _excess(s: float) -> float:
    """e^s - 1 - s, exact near 0: Taylor's series."""
    if abs(s) >= _NEAR:
        return exponential(s) - 1.0 - s
    total, term = 0.0, s
    for n in range(2, _TERMS):
        term *= s / n
        total += term
    return total


@compiled
def _lag(u: float) -> float:
    """u - ln(1 + u), exact near 0: Mercator's series."""
    if abs(u) >= _NEAR:
        return u - log2(1.0 + u) * LN_2
    total, term = 0.0, -u
    for n in range(2, _TERMS):
        term *= -u
        total += term / n
    return total


@compiled
def log_density(law: Density, s: float) -> float:
    """Natural logarithm of the density at a distance s from the mode, 0 at the mode.

    Gamma, with x = a e^s: a s - x. Beta, with x / (1 - x) = a / b e^s: a ln x + b ln(1 - x).
    """
    if law.kind == GAMMA:
        return -law.a * _excess(s)
    n = law.a + law.b
    middle = law.a / n
    if s > 1.0:
        return -law.b * s - n * log2(middle + (1.0 - middle) * exponential(-s)) * LN_2
    return n * _lag(middle * _rise(s)) - law.a * _excess(s)


@compiled
def slope(law: Density, s: float) -> float:
    """First derivative of the logarithm of the density."""
    if law.kind == GAMMA:
        return -law.a * _rise(s)
    middle = law.a / (law.a + law.b)
    rise = middle * _rise(min(s, 1.0))
    if s > 1.0:
        far = (1.0 - middle) * exponential(-s)
        return (law.a * far - law.b * middle) / (middle + far)
    return (law.a - (law.a + law.b) * middle - law.b * rise) / (1.0 + rise)


@compiled
def curvature(law: Density, s: float) -> float:
    """Second derivative of the logarithm of the density, without its sign."""
    if law.kind == GAMMA:
        return law.a * exponential(s)
    middle = law.a / (law.a + law.b)
    odds = middle / (1.0 - middle) * exponential(s)
    return (law.a + law.b) * odds / ((1.0 + odds) * (1.0 + odds))
