"""Kernels of columns that count: integers, decimals, dates, times, and digits in text columns."""

import math
from fractions import Fraction
from typing import Final

import numpy as np

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.normal import Normal, Shape, hashes_within
from generator_svc.core.kernels.numbers import Counting, Law, NumberKernel, Permuted, Uniform
from generator_svc.core.kernels.storage import storage
from generator_svc.core.kernels.zipf import Zipf
from generator_svc.core.rules import BoundsMode, NormalRule, PermutedRule, SequenceRule, UniformRule, ZipfRule
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import DEFAULT_TOP, LATTICES, MOMENTS, SECOND, Range, default_range, type_range, units_of

CountingRule = SequenceRule | PermutedRule | UniformRule | NormalRule | ZipfRule
COUNTABLE: Final = LATTICES | {TypeKind.STRING}
_LARGEST_SIZE: Final = 1 << 63
_LARGEST_STEP: Final = 10**19
_EXACT_FLOAT: Final = 2.0**53


def number_kernel(task: ColumnTask, rule: CountingRule) -> Kernel:
    """Kernel of a countable type under a rule that counts."""
    match rule:
        case SequenceRule():
            return _sequence(task, rule)
        case PermutedRule():
            return _permuted(task, rule)
        case UniformRule():
            return _uniform(task, rule)
        case NormalRule():
            return _normal(task, rule)
        case ZipfRule():
            return _zipf(task, rule)


def distinct_range(task: ColumnTask, rule: UniformRule) -> Range:
    """Range of a uniform rule; one without bounds is widened to the wanted size."""
    chosen = uniform_range(task, rule)
    if rule.min or rule.max or not task.distinct:
        return chosen
    return _widened(task.column.type, chosen, task.wanted)


def uniform_range(task: ColumnTask, rule: UniformRule) -> Range:
    """Range between a rule's bounds, inside the type; a bound that is not given is the default's."""
    logical = task.column.type
    default, whole = default_range(logical, task.as_of), type_range(logical)
    low, high, width = default.low, default.high, default.high - default.low
    if rule.min:
        low = _within(logical, rule.min, up=True)
        high = max(high, low + width)
    if rule.max:
        high = _within(logical, rule.max, up=False)
        low = low if rule.min else min(low, high - width)
    low, high = max(low, whole.low), min(high, whole.high)
    if low > high:
        raise ImpossibleRule(
            f"no value of {logical.kind.value} lies between {rule.min or 'the least'} and {rule.max or 'the greatest'}",
            hint="min is at most max, and both fit the column's type",
        )
    return _stepped(logical, low, high)


def _within(logical: LogicalType, bound: str, *, up: bool) -> int:
    """Units of a bound that the user wrote; one that the type does not hold is not cut to it in silence."""
    units, whole = units_of(logical, bound, up=up), type_range(logical)
    if not whole.low <= units <= whole.high:
        raise ImpossibleRule(
            f"{bound} is beyond {logical.kind.value}, so that its range would be another one",
            hint="widen the column's type, or narrow the range",
        )
    return units


def _stepped(logical: LogicalType, low: int, high: int) -> Range:
    """Whole seconds where both bounds are; of a decimal range beyond 64 bits, the leading digits."""
    if logical.kind in MOMENTS | {TypeKind.TIME} and low % SECOND == 0 and high % SECOND == 0:
        return Range(low, high, SECOND)
    step = 1
    while logical.kind is TypeKind.DECIMAL and (high - low) // step >= _LARGEST_SIZE and step < _LARGEST_STEP:
        step *= 10
    if logical.kind is TypeKind.DECIMAL and (high - low) // step >= _LARGEST_SIZE:
        high = low + (_LARGEST_SIZE - 1) * step
    return Range(low, high, step)


def _widened(logical: LogicalType, chosen: Range, wanted: int) -> Range:
    if chosen.size >= wanted:
        return chosen
    whole = type_range(logical)
    if logical.kind is TypeKind.DATE:
        return Range(max(whole.low, chosen.high - wanted + 1), chosen.high)
    if chosen.step == SECOND:
        return Range(chosen.low, chosen.high + SECOND - 1)
    return _stepped(logical, chosen.low, min(whole.high, chosen.low + wanted - 1))


def _kernel(logical: LogicalType, law: Law, base: int, step: int) -> Kernel:
    return NumberKernel(law, storage(logical, base, step))


def steps_within(logical: LogicalType, rule: SequenceRule) -> int:
    """Values that a sequence has before it leaves its type."""
    whole = whole_numbers(logical)
    if rule.start not in whole or rule.step == 0:
        return int(rule.start in whole)
    room = whole[-1] - rule.start if rule.step > 0 else rule.start - whole[0]
    return room // abs(rule.step) + 1


def whole_numbers(logical: LogicalType) -> range:
    """Whole numbers that a type holds; of a text type, those that it holds as digits."""
    one, whole = 10**logical.scale, type_range(logical)
    return range(-(-whole.low // one), whole.high // one + 1)


def _refuse_outside(logical: LogicalType, number: int, name: str) -> None:
    whole = whole_numbers(logical)
    if number not in whole:
        raise ImpossibleRule(
            f"{name} {number} is outside {logical.kind.value}, which holds {whole[0]} to {whole[-1]}",
            hint="numbers of a rule fit the column's type",
        )


def _sequence(task: ColumnTask, rule: SequenceRule) -> Kernel:
    logical = task.column.type
    refuse_standstill(task, rule)
    _refuse_outside(logical, rule.start, "start")
    size = steps_within(logical, rule)
    if task.last_row > size:
        raise ImpossibleRule(
            f"{task.last_row} rows count beyond {logical.kind.value}: from {rule.start} in steps of {rule.step} "
            f"it holds {size} values",
            hint="use a wider integer type or fewer rows",
            metadata={"domain_size": str(size), "rows": str(task.last_row)},
        )
    one = 10**logical.scale
    return _kernel(logical, Counting(), rule.start * one, rule.step * one)


def refuse_standstill(task: ColumnTask, rule: SequenceRule) -> None:
    """Refuse a sequence whose rows would all be equal."""
    if rule.step == 0 and task.last_row > 1:
        raise ImpossibleRule("a sequence of step 0 never moves", hint="use the constant rule for equal values")


def permuted_size(task: ColumnTask, low: int, high: int) -> int:
    """Numbers from `low` to `high`; fewer than rows are refused, unique or not: none is drawn twice."""
    size = max(high - low + 1, 0)
    if size < task.last_row:
        raise ImpossibleRule(
            f"{task.last_row} rows need distinct values, {low} to {high} has {size}",
            hint="widen the range or the column's type, or generate fewer rows",
            metadata={"domain_size": str(size), "rows": str(task.last_row)},
        )
    return size


def _permuted(task: ColumnTask, rule: PermutedRule) -> Kernel:
    logical = task.column.type
    own_range = rule.max is None
    high = whole_numbers(logical)[-1] if rule.max is None else rule.max
    _refuse_outside(logical, rule.min, "min")
    _refuse_outside(logical, high, "max")
    size = permuted_size(task, rule.min, high)
    law = Permuted(task.key, max(task.rows, 1), task.first_row) if own_range else Permuted(task.key, size)
    one = 10**logical.scale
    return _kernel(logical, law, rule.min * one, one)


def _uniform(task: ColumnTask, rule: UniformRule) -> Kernel:
    chosen = distinct_range(task, rule)
    task.require(chosen.size, f"the range of {task.column.type.kind.value}")
    law: Law = Permuted(task.key, chosen.size) if task.distinct else Uniform(task.key, chosen.size)
    return _kernel(task.column.type, law, chosen.low, chosen.step)


def _normal(task: ColumnTask, rule: NormalRule) -> Kernel:
    logical, bounds = task.column.type, rule.bounds
    task.refuse_distinct("the normal law")
    refuse_lawless(rule)
    digits = logical.scale if bounds.decimals is None else min(bounds.decimals, logical.scale)
    while digits > 0 and (abs(rule.mean) + 100 * rule.stddev) * 10.0**digits > _EXACT_FLOAT:
        digits -= 1
    grain, coarse = 10**digits, 10 ** (logical.scale - digits)
    whole = type_range(logical)
    low = max(units_of(logical, bounds.min, up=True), whole.low) if bounds.min else whole.low
    high = min(units_of(logical, bounds.max, up=False), whole.high) if bounds.max else whole.high
    shape = normal_shape(rule, grain, -(-low // coarse), high // coarse)
    return _kernel(logical, Normal(task.key, shape), 0, coarse)


def normal_shape(rule: NormalRule, grain: int, low: float, high: float) -> Shape:
    """Law in multiples of 1 / grain, conditioned on whole numbers within [low, high] unless it clips."""
    mean, stddev = float(Fraction(rule.mean) * grain), float(Fraction(rule.stddev) * grain)
    first, hashes = 0, 1 << 64
    if rule.bounds.mode is BoundsMode.TRUNCATE:
        first, hashes = hashes_within(
            lambda z: low <= np.rint(mean + stddev * z) <= high, lambda z: bool(np.rint(mean + stddev * z) > high)
        )
    if hashes <= 0 or low > high:
        raise ImpossibleRule(
            f"normal law of mean {rule.mean} and stddev {rule.stddev} has no values within its bounds",
            hint="move the bounds or use mode CLIP",
        )
    return Shape(mean, stddev, float(low), float(high), first, hashes, rule.bounds.outlier_fraction)


def refuse_lawless(rule: ZipfRule | NormalRule) -> None:
    """Refuse parameters that a law does not have."""
    if isinstance(rule, NormalRule):
        if not (rule.stddev >= 0 and math.isfinite(rule.stddev) and math.isfinite(rule.mean)):
            raise ImpossibleRule(
                f"the normal law has no mean {rule.mean:g} with stddev {rule.stddev:g}", hint="stddev is at least 0"
            )
        return
    if rule.ranks < 0 or not rule.exponent > 0:
        raise ImpossibleRule(
            f"Zipf's law has no {rule.ranks} ranks of exponent {rule.exponent:g}",
            hint="ranks is at least 1, or 0 for the column's range; exponent is above 0",
        )


def _zipf(task: ColumnTask, rule: ZipfRule) -> Kernel:
    logical = task.column.type
    task.refuse_distinct("Zipf's law")
    refuse_lawless(rule)
    one, most = 10**logical.scale, whole_numbers(logical)[-1]
    ranks = rule.ranks or min(DEFAULT_TOP, most)
    if ranks > most:
        raise ImpossibleRule(f"{ranks} ranks do not fit {logical.kind.value}", hint="fewer ranks or a wider type")
    return _kernel(logical, Zipf(task.key, ranks, rule.exponent), one, one)
