"""Groups of correlated columns: from rank correlations to the weights of independent normals.

A rank correlation rho of continuous columns is that of normals with correlation 2 sin(pi rho / 6) (Pearson 1907); the
weights are Cholesky's factor of the matrix of those. Only + - x / and sqrt: the same weights on every machine.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.copula import Correlated, rows_of_hashes
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.keys import TableKeys
from generator_svc.core.primitives import Rows
from generator_svc.core.rules import (
    BetaRule,
    Bounds,
    ExponentialRule,
    GammaRule,
    LognormalRule,
    NormalRule,
    ParetoRule,
    PoissonRule,
    Rule,
    UniformRule,
    ZipfRule,
)
from generator_svc.core.spec import Correlation, TypeKind

_LAWS: Final = (
    UniformRule,
    NormalRule,
    LognormalRule,
    ExponentialRule,
    BetaRule,
    GammaRule,
    PoissonRule,
    ParetoRule,
    ZipfRule,
)
_NUMBERS: Final = frozenset(
    {TypeKind.INT16, TypeKind.INT32, TypeKind.INT64, TypeKind.FLOAT32, TypeKind.FLOAT64, TypeKind.DECIMAL}
)
_SLACK: Final = 1e-9
_SIXTH_OF_PI: Final = math.pi / 6
_TERMS: Final = 12
_PROBES: Final = 512


@dataclass(frozen=True, slots=True)
class Membership:
    """A column's place in a group: the group's columns, and the weights of their independent normals."""

    group: tuple[str, ...]
    weights: tuple[float, ...]


def memberships(keys: TableKeys) -> dict[str, Membership]:
    """Correlated columns of a table; what no data can have is refused."""
    found: dict[str, Membership] = {}
    for group in keys.table.correlations:
        for column in group.columns:
            _refuse_column(keys, group, column)
            if column in found or group.columns.count(column) > 1:
                raise _refused(keys, group, f"{column} is in two places", "put both groups into one matrix")
        weights = _cholesky(keys, group)
        for place, column in enumerate(group.columns):
            found[column] = Membership(group.columns, tuple(weights[place]))
    return found


def correlated_kernel(kernel: Kernel, rule: Rule, key: np.uint64, latents: Rows, member: Membership) -> Kernel:
    """Let a kernel's law follow its group; its values must rise with the hash that they are drawn by."""
    bounds = getattr(rule, "bounds", Bounds())
    if not isinstance(rule, _LAWS) or bounds.outlier_fraction:
        raise ImpossibleRule(
            "the column is correlated, and its rule is not one law of numbers without outliers",
            hint="use uniform, normal or another law, or take the column out of the correlation",
        )
    hashes = np.linspace(0, 2**63, _PROBES, endpoint=False).astype(np.uint64) * np.uint64(2)
    probes = kernel.cells(rows_of_hashes(hashes, key)).cast(pa.float64()).to_numpy()
    if (np.diff(probes) < 0).any():
        raise ImpossibleRule(
            "the column's law does not follow one draw and cannot be correlated", hint="choose another law"
        )
    return Correlated(kernel, key, latents, np.array(member.weights))


def normal_correlation(rank: float) -> float:
    """2 sin(pi rank / 6), by its series: the sine of the math library differs between machines."""
    x = _SIXTH_OF_PI * rank
    term = total = x
    for n in range(1, _TERMS):
        term = -term * x * x / ((2 * n) * (2 * n + 1))
        total += term
    return 2.0 * total


def _cholesky(keys: TableKeys, group: Correlation) -> Sequence[Sequence[float]]:
    size = len(group.columns)
    _refuse_matrix(keys, group, size)
    lower: list[list[float]] = []
    for row in range(size):
        made: list[float] = []
        for column in range(row):
            inner = sum(a * b for a, b in zip(made, lower[column], strict=False))
            made.append(
                (normal_correlation(group.rank_correlations[row * size + column]) - inner) / lower[column][column]
            )
        left = 1.0 - sum(value * value for value in made)
        if left <= _SLACK:
            raise _refused(
                keys, group, "no data can have these correlations together", "the matrix must be positive definite"
            )
        lower.append([*made, math.sqrt(left)])
    return lower


def _refuse_matrix(keys: TableKeys, group: Correlation, size: int) -> None:
    numbers = group.rank_correlations
    if len(numbers) != size * size or size == 1:
        raise _refused(keys, group, f"{len(numbers)} numbers for {size} columns", "give columns x columns numbers")
    for row in range(size):
        for column in range(size):
            value, mirrored = numbers[row * size + column], numbers[column * size + row]
            if not -1 <= value <= 1 or abs(value - mirrored) > _SLACK or (row == column and value != 1):
                raise _refused(
                    keys,
                    group,
                    f"{value:g} in row {row}, column {column} is not of a matrix of correlations",
                    "it is symmetric, of numbers from -1 to 1, with 1 on its diagonal",
                )


def _refuse_column(keys: TableKeys, group: Correlation, name: str) -> None:
    kinds: Mapping[str, TypeKind] = {column.name: column.type.kind for column in keys.table.columns}
    if name not in kinds:
        raise _refused(keys, group, f"there is no column {name!r}", f"columns are {', '.join(kinds)}")
    if kinds[name] not in _NUMBERS:
        raise _refused(keys, group, f"{name} is {kinds[name].value}, which is no number", "leave it out")
    members = {column for key in keys.groups for column in key} | keys.distinct
    if name in members or keys.reference_of(name):
        raise _refused(keys, group, f"{name} is a key: its values are not drawn", "leave it out")


def _refused(keys: TableKeys, group: Correlation, message: str, hint: str) -> ImpossibleRule:
    return ImpossibleRule(
        f"{keys.table.name}: correlation of {', '.join(group.columns)}: {message}",
        hint=hint,
        metadata={"table": keys.table.name, "column": next(iter(group.columns), "")},
    )
