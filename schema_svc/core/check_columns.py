"""The rules that one column keeps: shorthand within its domain, laws with their parameters."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_svc.core.faults import InvalidNameInside
from schema_svc.core.model import Column, Distribution, LogicalType
from schema_svc.core.names import did_you_mean, name_problem
from schema_svc.core.problems import Problem
from schema_svc.core.vocabulary import TypeKind

_NUMERIC = frozenset(
    {TypeKind.INT16, TypeKind.INT32, TypeKind.INT64, TypeKind.FLOAT32, TypeKind.FLOAT64, TypeKind.DECIMAL}
)
_INTEGER_BITS = {TypeKind.INT16: 16, TypeKind.INT32: 32, TypeKind.INT64: 64}
_TEMPORAL = frozenset({TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMP_TZ})


class Law(NamedTuple):
    """Parameters of a distribution, by the names of its rule."""

    positive: tuple[str, ...] = ()
    """Needed, and above 0."""
    not_negative: tuple[str, ...] = ()
    free: tuple[str, ...] = ()


LAWS: Mapping[str, Law] = {
    "uniform": Law(free=("min", "max")),
    "normal": Law(not_negative=("stddev",), free=("mean",)),
    "lognormal": Law(not_negative=("sigma",), free=("mu",)),
    "exponential": Law(positive=("mean",)),
    "beta": Law(positive=("alpha", "beta")),
    "gamma": Law(positive=("shape", "scale")),
    "poisson": Law(positive=("mean",)),
    "zipf": Law(positive=("exponent",), not_negative=("ranks",)),
    "pareto": Law(positive=("minimum", "alpha")),
}


def check_column(column: Column, path: str) -> Iterator[Problem]:
    """Every broken rule of one column."""
    if problem := name_problem(column.name):
        yield Problem(f"{path}.name", f"the column {problem}", "", InvalidNameInside)
    kind = column.logical_type.kind if column.logical_type else TypeKind.KIND_UNSPECIFIED
    yield from _check_nulls(column, path)
    yield from _check_numbers(column, kind, path)
    yield from _check_dates(column, kind, path)
    yield from _check_counting(column, path)
    if column.distribution:
        yield from _check_distribution(column, kind, f"{path}.distribution")


def _check_nulls(column: Column, path: str) -> Iterator[Problem]:
    share = column.null_fraction
    if share is None:
        return
    if not 0 <= share <= 1:
        yield Problem(f"{path}.null_fraction", f"{share} is not a share", "a share is 0 to 1")
    elif share > 0 and column.required:
        yield Problem(
            f"{path}.null_fraction", f"{column.name!r} is required and cannot be NULL", "leave null_fraction out"
        )


def _check_numbers(column: Column, kind: TypeKind, path: str) -> Iterator[Problem]:
    low, high = column.min_value, column.max_value
    if low is not None and high is not None and low > high:
        yield Problem(f"{path}.min_value", f"min_value {low:g} is above max_value {high:g}", "swap them")
    for field, value in (("min_value", low), ("max_value", high)):
        if value is not None and kind is not TypeKind.KIND_UNSPECIFIED and kind not in _NUMERIC:
            yield Problem(f"{path}.{field}", f"{column.data_type} is not a number", f"leave {field} out")


def _check_counting(column: Column, path: str) -> Iterator[Problem]:
    """The numbers of a rule that counts lie within the column's type."""
    whole = column.logical_type and _whole_numbers(column.logical_type)
    if not whole or not column.rule:
        return
    sequence, permuted = column.rule.sequence, column.rule.permuted
    given = {
        "sequence.start": sequence and sequence.start,
        "permuted.min": permuted and permuted.min,
        "permuted.max": permuted and permuted.max,
    }
    for field, number in given.items():
        if number is not None and number not in whole:
            held = f"{column.data_type} holds {whole[0]} to {whole[-1]}"
            yield Problem(f"{path}.rule.{field}", f"{number} is outside the column's type", held)


def _whole_numbers(logical: LogicalType) -> range | None:
    """Whole numbers that an exact numeric type holds."""
    if logical.kind in _INTEGER_BITS:
        half = 1 << (_INTEGER_BITS[logical.kind] - 1)
        return range(-half, half)
    top = 10 ** (logical.precision - logical.scale)
    return range(1 - top, top) if logical.kind is TypeKind.DECIMAL else None


def _check_dates(column: Column, kind: TypeKind, path: str) -> Iterator[Problem]:
    moments = {}
    for field, text in (("date_start", column.date_start), ("date_end", column.date_end)):
        if not text:
            continue
        if kind is not TypeKind.KIND_UNSPECIFIED and kind not in _TEMPORAL:
            yield Problem(f"{path}.{field}", f"{column.data_type} is not a date or moment", f"leave {field} out")
        try:
            moments[field] = read_moment(text)
        except ValueError:
            yield Problem(f"{path}.{field}", f"{text!r} is not a date", "write ISO 8601, such as 2024-12-31")
    if len(moments) == 2 and moments["date_start"] > moments["date_end"]:
        yield Problem(f"{path}.date_start", f"{column.date_start} is after {column.date_end}", "swap them")


def read_moment(text: str) -> dt.datetime:
    """Read an ISO 8601 day or moment; without zone it is UTC."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _check_distribution(column: Column, kind: TypeKind, path: str) -> Iterator[Problem]:
    distribution = column.distribution
    if distribution is None:
        return
    law = LAWS.get(distribution.type)
    if law is None:
        yield Problem(
            f"{path}.type",
            f"{distribution.type!r} is not a distribution",
            did_you_mean(distribution.type, LAWS, "known are"),
        )
        return
    if kind is not TypeKind.KIND_UNSPECIFIED and kind not in _NUMERIC:
        yield Problem(path, f"{column.data_type} is not a number", "leave distribution out")
    yield from _check_parameters(distribution, law, f"{path}.parameters")


def _check_parameters(distribution: Distribution, law: Law, path: str) -> Iterator[Problem]:
    given = distribution.parameters
    known = (*law.positive, *law.not_negative, *law.free)
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known, f"{distribution.type} takes")
            yield Problem(f"{path}.{name}", f"{distribution.type} has no parameter {name!r}", hint)
    for name in law.positive:
        if not given.get(name, 0) > 0:
            yield Problem(f"{path}.{name}", f"{distribution.type} needs {name} above 0")
    for name in law.not_negative:
        if given.get(name, 0) < 0:
            yield Problem(f"{path}.{name}", f"{name} is at least 0, not {given[name]:g}")
    if given.get("min", 0) > given.get("max", float("inf")):
        yield Problem(f"{path}.min", "min is above max", "swap them")
