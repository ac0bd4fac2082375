"""The kernel of a column with the offset rule, by the types of the column and of the one that it adds to."""

from collections.abc import Mapping
from typing import Final

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.numbers import Uniform
from generator_svc.core.kernels.offsets import (
    TO_DAYS,
    TO_MOMENTS,
    Amounts,
    DecimalOffset,
    FloatOffset,
    OffsetKernel,
    Scaling,
    WordOffset,
)
from generator_svc.core.rules import OffsetRule, OffsetUnit
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import DAY, MOMENTS, SECOND

_INTEGERS: Final = frozenset({TypeKind.INT16, TypeKind.INT32, TypeKind.INT64})
_FLOATS: Final = frozenset({TypeKind.FLOAT32, TypeKind.FLOAT64})
_CALENDAR: Final = frozenset({TypeKind.DATE, *MOMENTS})
_SOURCES: Final[Mapping[TypeKind, frozenset[TypeKind]]] = {
    **dict.fromkeys(_INTEGERS, _INTEGERS),
    **dict.fromkeys(_FLOATS, _INTEGERS | _FLOATS),
    **dict.fromkeys(_CALENDAR, _CALENDAR),
    TypeKind.DECIMAL: _INTEGERS | {TypeKind.DECIMAL},
    TypeKind.TIME: frozenset({TypeKind.TIME}),
}
"""Kinds that a column may add to, by its own kind."""
_MICROSECONDS: Final = {
    OffsetUnit.SECONDS: SECOND,
    OffsetUnit.MINUTES: 60 * SECOND,
    OffsetUnit.HOURS: 3_600 * SECOND,
    OffsetUnit.DAYS: DAY,
}
_INTEGER_DIGITS: Final = 19
_MOST_DIGITS: Final = 38
_LARGEST: Final = 1 << 61


def offset_kernel(task: ColumnTask, rule: OffsetRule, source: LogicalType) -> OffsetKernel:
    """Kernel of an offset column whose source has the type `source`."""
    target = task.column.type
    task.refuse_distinct("an offset")
    if source.kind not in _SOURCES.get(target.kind, frozenset()):
        raise ImpossibleRule(
            f"{target.kind.value} cannot be {source.kind.value} plus an amount",
            hint="an offset adds to a column of its own kind: numbers to numbers, dates and moments to each other",
            metadata={"rule": "offset"},
        )
    if target.kind in _CALENDAR or target.kind is TypeKind.TIME:
        return _calendar_kernel(task, rule, source)
    if rule.unit is not OffsetUnit.OWN:
        raise ImpossibleRule(f"{target.kind.value} has no {rule.unit.value.lower()}", hint="leave unit out for numbers")
    amounts = _amounts(task, rule, 1)
    if target.kind in _FLOATS:
        return FloatOffset(target, source, amounts)
    if target.kind is TypeKind.DECIMAL:
        _refuse_rescaling(rule, target, source)
        return DecimalOffset(target, source, amounts)
    return WordOffset(target, source, amounts, Scaling(), Scaling())


def _calendar_kernel(task: ColumnTask, rule: OffsetRule, source: LogicalType) -> OffsetKernel:
    """Whole days are counted from the day of the source; finer amounts are added to its moment."""
    target = task.column.type
    if target.kind is not TypeKind.DATE:
        into = TO_MOMENTS if source.kind is TypeKind.DATE else Scaling()
        return WordOffset(target, source, _amounts(task, rule, _MICROSECONDS.get(rule.unit, 1)), into, Scaling())
    if rule.unit in {OffsetUnit.OWN, OffsetUnit.DAYS}:
        into = Scaling() if source.kind is TypeKind.DATE else TO_DAYS
        return WordOffset(target, source, _amounts(task, rule, 1), into, Scaling())
    into = TO_MOMENTS if source.kind is TypeKind.DATE else Scaling()
    return WordOffset(target, source, _amounts(task, rule, _MICROSECONDS[rule.unit]), into, TO_DAYS)


def _amounts(task: ColumnTask, rule: OffsetRule, step: int) -> Amounts:
    if rule.min > rule.max:
        raise ImpossibleRule(f"no amount lies between {rule.min} and {rule.max}", hint="min is at most max")
    if max(abs(rule.min), abs(rule.max)) * step > _LARGEST:
        raise ImpossibleRule(
            f"an amount of {rule.min} to {rule.max} leaves every type", hint="choose smaller amounts or another unit"
        )
    return Amounts(Uniform(task.key, rule.max - rule.min + 1), rule.min * step, step)


def _refuse_rescaling(rule: OffsetRule, target: LogicalType, source: LogicalType) -> None:
    """Refuse what 128 bits do not hold, and digits that would be cut off."""
    scale = source.scale if source.kind is TypeKind.DECIMAL else 0
    digits = source.precision - scale if source.kind is TypeKind.DECIMAL else _INTEGER_DIGITS
    amount = len(str(max(abs(rule.min), abs(rule.max))))
    if scale > target.scale:
        raise ImpossibleRule(
            f"{scale} digits after the point do not fit the column's {target.scale}",
            hint="give the column the scale of what it adds to",
        )
    if max(digits, amount + 1) + target.scale > _MOST_DIGITS:
        raise ImpossibleRule(
            f"sums of {max(digits, amount)} digits before the point and {target.scale} behind it exceed {_MOST_DIGITS}",
            hint="choose smaller types or amounts",
        )
