"""Quantiles of any continuous law, in a table: octaves of the tail's probability, 16 cubic cells in each.

The resolution is the same far out in a tail as in the middle. A table is made when a plan is: the density is integrated
outwards from its mode (Gauss-Legendre, eight points a cell), each cell's ends are found by Newton's method, and between
them stands Hermite's cubic, whose slopes are known: those of a quantile are the inverse of the density.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from generator_svc.core.kernels.densities import Density, curvature, exponential, log_density, slope
from generator_svc.core.kernels.floats import Floats
from generator_svc.core.primitives import compiled, float_of_bits, leading_zeros

OCTAVES: Final = 64
CELLS: Final = 16
_CELL_BITS: Final = np.uint64(4)
_ONE: Final = np.uint64(1)
_ONE_BITS: Final = np.uint64(0x3FF0000000000000)
_MOST_CELLS: Final = 4096
_TAIL: Final = 2.0**-80
_NEWTON: Final = 8
_NODES: Final = (
    0.019855071751231856,
    0.10166676129318664,
    0.2372337950418355,
    0.4082826787521751,
    0.5917173212478249,
    0.7627662049581645,
    0.8983332387068134,
    0.9801449282487681,
)
_WEIGHTS: Final = (
    0.05061426814518853,
    0.1111905172266872,
    0.15685332293894344,
    0.1813418916891809,
    0.1813418916891809,
    0.15685332293894344,
    0.1111905172266872,
    0.05061426814518853,
)


@lru_cache(maxsize=64)
def octave_table(law: Density) -> Floats:
    """Table of a density's quantiles, as distances from its mode: two sides of octaves of cells of cubics, flat."""
    table = np.empty(2 * OCTAVES * CELLS * 4, np.float64)
    edges, tails = np.empty((2, _MOST_CELLS)), np.empty((2, _MOST_CELLS))
    _fill(law, edges, tails, table)
    return table


@compiled
def octave_quantile(hash64: np.uint64, table: Floats) -> np.float64:
    """Quantile at the probability (hash + 1/2) / 2^64."""
    upper = hash64 >> np.uint64(63)
    tail = hash64 ^ (np.uint64(0) - upper)
    tail = (tail << _ONE) | _ONE
    octave = leading_zeros(tail)
    tail = (tail << octave) << _ONE
    cell = (upper * np.uint64(OCTAVES) + octave) * np.uint64(CELLS) + (tail >> (np.uint64(64) - _CELL_BITS))
    cell *= np.uint64(4)
    f = float_of_bits(((tail << _CELL_BITS) >> np.uint64(12)) | _ONE_BITS) - 1.0
    quantile: np.float64 = table[cell] + f * (
        table[cell + np.uint64(1)] + f * (table[cell + np.uint64(2)] + f * table[cell + np.uint64(3)])
    )
    return quantile


@compiled
def _mass(law: Density, start: float, width: float) -> float:
    """Integral of the density over a cell; `width` is below 0 to the left of the mode, the mass is not."""
    total = 0.0
    for i in range(len(_NODES)):
        total += _WEIGHTS[i] * exponential(log_density(law, start + width * _NODES[i]))
    return total * abs(width)


@compiled
def _width(law: Density, s: float, sign: float) -> float:
    """Width of the cell outwards from s: the logarithm of the density changes by less than a half, and smoothly."""
    width = max(0.5, abs(s) / 4.0)
    for _ in range(200):
        end = s + sign * width
        steepest = max(abs(slope(law, s)), abs(slope(law, end)))
        if steepest * width <= 0.5 and max(curvature(law, s), curvature(law, end)) * width * width <= 0.25:
            break
        width *= 0.5
    return width


@compiled
def _march(law: Density, sign: float, edges: Floats, tails: Floats) -> int:
    """Cut one side into cells outwards from the mode, until the tail is nothing; `tails` is the mass beyond each edge.

    The tail beyond the last edge is that of an exponential: density / slope.
    """
    edges[0], total, cells, rest = 0.0, 0.0, 0, 0.0
    while cells < len(edges) - 1:
        width = sign * _width(law, edges[cells], sign)
        tails[cells] = _mass(law, edges[cells], width)
        total += tails[cells]
        edges[cells + 1] = edges[cells] + width
        cells += 1
        rest = exponential(log_density(law, edges[cells])) / max(abs(slope(law, edges[cells])), 1e-300)
        if rest < total * _TAIL:
            break
    tails[cells] = rest
    for i in range(cells - 1, -1, -1):
        tails[i] += tails[i + 1]
    return cells


@compiled
def _beyond(law: Density, edges: Floats, tails: Floats, cells: int, mass: float) -> float:
    """Find the place beyond which a side has so much mass."""
    low, high = 0, cells - 1
    while low < high:
        middle = (low + high + 1) // 2
        if tails[middle] >= mass:
            low = middle
        else:
            high = middle - 1
    start, end = edges[low], edges[low + 1]
    width = end - start
    rest = mass - tails[low + 1]
    place = width * min(max(1.0 - rest / (tails[low] - tails[low + 1]), 0.0), 1.0)
    for _ in range(_NEWTON):
        missing = _mass(law, start + place, width - place) - rest
        step = missing / exponential(log_density(law, start + place))
        place += step if width > 0.0 else -step
        place = min(max(place, min(width, 0.0)), max(width, 0.0))
    return float(start + place)


@compiled
def _fill(law: Density, edges: Floats, tails: Floats, table: Floats) -> None:
    """Fill the table: first the quantiles at the ends of the cells, then the cubics between them."""
    cells = (_march(law, -1.0, edges[0], tails[0]), _march(law, 1.0, edges[1], tails[1]))
    total = tails[0][0] + tails[1][0]
    nodes, slopes = np.empty(OCTAVES * CELLS + 1), np.empty(OCTAVES * CELLS + 1)
    for side in range(2):
        for node in range(OCTAVES * CELLS + 1):
            octave, cell = OCTAVES - 1 - node // CELLS, node % CELLS
            if node == OCTAVES * CELLS:
                octave, cell = 0, CELLS
            mass = total * exp2_of(-(octave + 2)) * (1.0 + cell / CELLS)
            where = side if mass <= tails[side][0] else 1 - side
            part = mass if where == side else total - mass
            nodes[node] = _beyond(law, edges[where], tails[where], cells[where], part)
            rise = total / exponential(log_density(law, nodes[node]))
            slopes[node] = rise if side == 0 else -rise
        for node in range(OCTAVES * CELLS):
            octave, cell = OCTAVES - 1 - node // CELLS, node % CELLS
            width = exp2_of(-(octave + 2)) / CELLS
            start, step = nodes[node], nodes[node + 1] - nodes[node]
            first, last = slopes[node] * width, slopes[node + 1] * width
            at = ((side * OCTAVES + octave) * CELLS + cell) * 4
            table[at], table[at + 1] = start, first
            table[at + 2], table[at + 3] = 3.0 * step - 2.0 * first - last, first + last - 2.0 * step


@compiled
def exp2_of(exponent: int) -> float:
    """2^exponent, exactly, for whole exponents."""
    return float_of_bits(np.uint64(1023 + exponent) << np.uint64(52))
