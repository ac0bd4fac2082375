"""The rules that one column keeps: shorthand within its domain, laws with their parameters."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_svc.core.check_laws import PARAMETERS
from schema_svc.core.check_texts import check_provider
from schema_svc.core.faults import InvalidDistribution, InvalidNameInside, RuleMisfit
from schema_svc.core.model import Column, Distribution, LogicalType
from schema_svc.core.names import did_you_mean, name_problem
from schema_svc.core.problems import Problem
from schema_svc.core.types import UnreadableType, read_type
from schema_svc.core.values import INTEGER_BITS, MOMENTS, NUMERIC, read_moment, whole_numbers
from schema_svc.core.vocabulary import Dialect, TypeKind


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


def check_column(column: Column, dialect: Dialect, path: str) -> Iterator[Problem]:
    """Every broken rule of one column."""
    if problem := name_problem(column.name):
        yield Problem(f"{path}.name", f"the column {problem}", "", InvalidNameInside)
    kind = column.logical_type.kind if column.logical_type else TypeKind.KIND_UNSPECIFIED
    yield from _check_nulls(column, path)
    yield from _check_numbers(column, kind, path)
    yield from _check_dates(column, kind, path)
    yield from _check_length(column, dialect, path)
    if column.faker_rule:
        yield from check_provider(column.faker_rule, "", path, ".faker_rule")
    if column.distribution:
        yield from _check_distribution(column, kind, f"{path}.distribution")


def _check_nulls(column: Column, path: str) -> Iterator[Problem]:
    share = column.null_fraction
    if share is None:
        return
    if not 0 <= share <= 1:
        yield _misfit(f"{path}.null_fraction", f"{share} is not a share", "a share is 0 to 1")
    elif share > 0 and column.required:
        yield _misfit(
            f"{path}.null_fraction", f"{column.name!r} is required and cannot be NULL", "leave null_fraction out"
        )


def _check_numbers(column: Column, kind: TypeKind, path: str) -> Iterator[Problem]:
    low, high = column.min_value, column.max_value
    for field, value in (("min_value", low), ("max_value", high)):
        if value is not None and column.logical_type:
            yield from _check_number(column, column.logical_type, value, f"{path}.{field}")
    if low is None or high is None:
        return
    if low > high:
        yield _misfit(f"{path}.min_value", f"min_value {low:g} is above max_value {high:g}", "swap them")
    elif kind in INTEGER_BITS and math.ceil(low) > math.floor(high):
        yield _misfit(f"{path}.min_value", f"no whole number is between {low:g} and {high:g}", "move the bounds apart")


def _check_number(column: Column, logical: LogicalType, value: float, path: str) -> Iterator[Problem]:
    if logical.kind not in NUMERIC:
        yield _misfit(path, f"{column.data_type} is not a number", "leave it out")
        return
    whole = whole_numbers(logical)
    if whole and not whole[0] - 1 < value < whole[-1] + 1:
        held = f"{column.data_type} holds {whole[0]} to {whole[-1]}"
        yield _misfit(path, f"{value:.17g} is outside the column's type", held)


def _check_length(column: Column, dialect: Dialect, path: str) -> Iterator[Problem]:
    """A length beside the type is that of a text type without one, and one that the type can have."""
    length, logical = column.varchar_length, column.logical_type
    if length is None or logical is None:
        return
    if logical.kind is not TypeKind.STRING:
        yield _misfit(f"{path}.varchar_length", f"{column.data_type} has no length", "leave varchar_length out")
    elif "(" in column.data_type:
        if length != logical.length:
            message = f"varchar_length {length} differs from {column.data_type}"
            yield _misfit(f"{path}.varchar_length", message, "write the length once")
    else:
        try:
            read_type(f"{column.data_type}({length})", dialect)
        except UnreadableType as problem:
            yield _misfit(f"{path}.varchar_length", problem.message, problem.hint)


def _misfit(path: str, message: str, hint: str = "") -> Problem:
    return Problem(path, message, hint, RuleMisfit)


def _check_dates(column: Column, kind: TypeKind, path: str) -> Iterator[Problem]:
    moments = {}
    for field, text in (("date_start", column.date_start), ("date_end", column.date_end)):
        if not text:
            continue
        if kind is not TypeKind.KIND_UNSPECIFIED and kind not in MOMENTS:
            yield _misfit(f"{path}.{field}", f"{column.data_type} is not a date or moment", f"leave {field} out")
        try:
            moments[field] = read_moment(text)
        except ValueError:
            yield _misfit(f"{path}.{field}", f"{text!r} is not a date", "write ISO 8601, such as 2024-12-31")
    if len(moments) == 2 and moments["date_start"] > moments["date_end"]:
        yield _misfit(f"{path}.date_start", f"{column.date_start} is after {column.date_end}", "swap them")


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
            InvalidDistribution,
        )
        return
    if kind is not TypeKind.KIND_UNSPECIFIED and kind not in NUMERIC:
        yield _misfit(path, f"{column.data_type} is not a number", "leave distribution out")
    yield from _check_parameters(distribution, law, f"{path}.parameters")


def _check_parameters(distribution: Distribution, law: Law, path: str) -> Iterator[Problem]:
    given = distribution.parameters
    known = (*law.positive, *law.not_negative, *law.free)
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known, f"{distribution.type} takes")
            yield Problem(f"{path}.{name}", f"{distribution.type} has no parameter {name!r}", hint, InvalidDistribution)
    for name in law.positive:
        if not given.get(name, 0) > 0:
            yield Problem(f"{path}.{name}", f"{distribution.type} needs {name} above 0", "", InvalidDistribution)
    for name in law.not_negative:
        if given.get(name, 0) < 0:
            yield Problem(f"{path}.{name}", f"{name} is at least 0, not {given[name]:g}", "", InvalidDistribution)
    for name, span in PARAMETERS.get(distribution.type, {}).items():
        signed_wrong = name in law.positive and not given.get(name, 0) > 0
        if name in given and not signed_wrong and not span.least <= given[name] <= span.largest:
            message = f"{name} is {span.least:g} to {span.largest:g}, not {given[name]:g}"
            yield Problem(f"{path}.{name}", message, "", InvalidDistribution)
    if given.get("min", 0) > given.get("max", float("inf")):
        yield Problem(f"{path}.min", "min is above max", "swap them", InvalidDistribution)
