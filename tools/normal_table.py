"""Write the quantile table of the normal law: python tools/normal_table.py

The lower half of the law is cut into 64 octaves of tail probability (octave o covers 2^-(o+2) to 2^-(o+1)) of 16 equal
cells each; a cell holds the cubic through the quantiles and exact slopes at its ends. Coefficients are printed as the
16 hex digits of their IEEE bits, so that every machine reads the same numbers.
"""

import struct
from pathlib import Path

import numpy as np
from scipy.special import ndtri
from scipy.stats import norm

OCTAVES, CELLS = 64, 16
TARGET = Path(__file__).parent.parent / "generator_svc/core/kernels/tables/normal.txt"


def cubic(start: float, width: float) -> tuple[float, float, float, float]:
    """Coefficients in f in [0, 1] of the quantile at start + f * width."""
    low, high = float(ndtri(start)), float(ndtri(start + width))
    slope_low, slope_high = width / float(norm.pdf(low)), width / float(norm.pdf(high))
    return (low, slope_low, 3 * (high - low) - 2 * slope_low - slope_high, 2 * (low - high) + slope_low + slope_high)


def main() -> None:
    """Write one line of four coefficients per cell, octave by octave."""
    lines = []
    for octave in range(OCTAVES):
        width = 2.0 ** -(octave + 2) / CELLS
        for cell in range(CELLS):
            coefficients = cubic(2.0 ** -(octave + 2) + cell * width, width)
            lines.append("".join(struct.pack(">d", value).hex() for value in coefficients))
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{TARGET.name}: {len(lines)} cells, first quantile {np.float64(ndtri(0.25)):.6f}")


if __name__ == "__main__":
    main()
