"""Correlations: matrices over numeric columns that some data can have."""

import math
from collections.abc import Iterator

from schema_svc.core.faults import InvalidCorrelation
from schema_svc.core.model import Correlation, Table
from schema_svc.core.problems import Problem
from schema_svc.core.values import NUMERIC

MOST_CORRELATED = 100
LAWS = frozenset(
    {"uniform", "normal", "lognormal", "exponential", "beta", "gamma", "poisson", "pareto", "zipf"},
)
_USE_A_LAW = "use uniform, normal or another law of numbers, or leave it out"
_SLACK = 1e-9


def check_correlations(table: Table, path: str) -> Iterator[Problem]:
    """Every broken rule of a table's correlations; that their columns exist is checked with the keys."""
    taken: dict[str, int] = {}
    for k, correlation in enumerate(table.correlations):
        place = f"{path}.correlations[{k}]"
        yield from _check_columns(correlation, table, place)
        for c, name in enumerate(correlation.columns):
            if taken.setdefault(name, k) != k:
                yield _wrong(f"{place}.columns[{c}]", f"{name!r} is in two groups", "put both groups into one matrix")
        yield from _check_matrix(correlation, f"{place}.rank_correlations")


def _check_columns(correlation: Correlation, table: Table, path: str) -> Iterator[Problem]:
    names = correlation.columns
    if not 2 <= len(names) <= MOST_CORRELATED:
        yield _wrong(f"{path}.columns", f"{len(names)} columns; a group has 2 to {MOST_CORRELATED}")
    for c, name in enumerate(names):
        column = table.column(name)
        if column and column.logical_type and column.logical_type.kind not in NUMERIC:
            yield _wrong(f"{path}.columns[{c}]", f"{name!r} is {column.data_type}, which is not a number")
        elif column and (column.is_unique or column.foreign_key):
            yield _wrong(f"{path}.columns[{c}]", f"{name!r} is a key: its values are not drawn", "leave it out")
        elif column and column.rule and not LAWS.intersection(column.rule.kinds()):
            shown = ", ".join(column.rule.kinds())
            yield _wrong(f"{path}.columns[{c}]", f"{name!r} has the {shown} rule, which is no law", _USE_A_LAW)


def _check_matrix(correlation: Correlation, path: str) -> Iterator[Problem]:
    size, numbers = len(correlation.columns), correlation.rank_correlations
    if len(numbers) != size**2:
        yield _wrong(path, f"{len(numbers)} numbers for {size} columns", "the matrix has columns x columns numbers")
        return
    if size > MOST_CORRELATED:
        return
    matrix = [numbers[row * size : (row + 1) * size] for row in range(size)]
    for row in range(size):
        for column in range(size):
            value, place = matrix[row][column], f"{path}[{row * size + column}]"
            if not -1 <= value <= 1:
                yield _wrong(place, f"{value:g} is not a correlation", "correlations are -1 to 1")
                return
            if row == column and value != 1:
                yield _wrong(place, f"a column's correlation with itself is 1, not {value:g}")
                return
            if abs(value - matrix[column][row]) > _SLACK:
                yield _wrong(place, f"{value:g} and {matrix[column][row]:g} differ", "the matrix is symmetric")
                return
    if not _positive_definite(matrix):
        yield _wrong(path, "no data can have these correlations together", "the matrix must be positive definite")


def _positive_definite(matrix: list[list[float]]) -> bool:
    """Cholesky's decomposition of the normal law's correlations that give these rank correlations."""
    normal = [[2 * math.sin(math.pi * value / 6) for value in row] for row in matrix]
    lower: list[list[float]] = []
    for row, values in enumerate(normal):
        made: list[float] = []
        for column in range(row):
            inner = sum(a * b for a, b in zip(made, lower[column], strict=False))
            made.append((values[column] - inner) / lower[column][column])
        left = values[row] - sum(value * value for value in made)
        if left <= _SLACK:
            return False
        lower.append([*made, math.sqrt(left)])
    return True


def _wrong(path: str, message: str, hint: str = "") -> Problem:
    return Problem(path, message, hint, InvalidCorrelation)
