"""Kernels of typed columns under Faker's methods of dates and times: uniform over the method's range."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.float_columns import float_kernel
from generator_svc.core.kernels.faker_moments import Moments
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbers import Law, NumberKernel, Permuted, Uniform
from generator_svc.core.kernels.storage import storage
from generator_svc.core.number_columns import number_kernel
from generator_svc.core.rules import UniformRule
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import DAY, MOMENTS, SECOND

_FLOATS: Final = frozenset({TypeKind.FLOAT32, TypeKind.FLOAT64})
_NUMBERS: Final = _FLOATS | {TypeKind.INT16, TypeKind.INT32, TypeKind.INT64, TypeKind.DECIMAL}
_CALENDAR: Final = MOMENTS | {TypeKind.DATE}
_TAKEN: Final[Mapping[TypeKind, frozenset[TypeKind]]] = {
    TypeKind.DATE: _CALENDAR,
    TypeKind.TIMESTAMP: _CALENDAR,
    TypeKind.TIME: frozenset({TypeKind.TIME}),
    TypeKind.FLOAT64: _NUMBERS,
}
"""Kinds of columns that a method's values may go into, by what the method yields."""
_EPOCH: Final = dt.datetime(1970, 1, 1)


def moment_kernel(task: ColumnTask, provider: str, moments: Moments) -> Kernel:
    """Kernel of a method of dates or times; a date in a column of moments is its midnight."""
    kind = task.column.type.kind
    if kind not in _TAKEN[moments.kind]:
        raise ImpossibleRule(
            f"values of '{provider}' are {moments.kind.value}, the column is {kind.value}",
            hint="choose a provider of the column's type, or make the column a VARCHAR",
            metadata={"rule": "faker", "provider": provider},
        )
    if moments.kind is TypeKind.DATE and kind in MOMENTS:
        return _midnights(task, provider, moments)
    rule = UniformRule(_bound(kind, moments.low), _bound(kind, _last(moments)))
    return float_kernel(task, rule) if kind in _FLOATS else number_kernel(task, rule)


def _midnights(task: ColumnTask, provider: str, moments: Moments) -> Kernel:
    size = (moments.high - moments.low) // DAY + 1
    task.require(size, f"'{provider}'")
    law: Law = Permuted(task.key, size) if task.distinct else Uniform(task.key, size)
    return NumberKernel(law, storage(task.column.type, moments.low, DAY))


def _last(moments: Moments) -> int:
    """The last moment, of whole seconds where Faker writes no more."""
    whole_seconds = moments.kind is TypeKind.TIME and not moments.patterns[0].endswith("%f")
    return moments.high // SECOND * SECOND if whole_seconds else moments.high


def _bound(kind: TypeKind, moment: int) -> str:
    """Write microseconds since 1970 as a bound of the column's type."""
    if kind in _NUMBERS:
        return format(Decimal(moment).scaleb(-6), "f")
    when = _EPOCH + dt.timedelta(microseconds=moment)
    if kind is TypeKind.DATE:
        return when.date().isoformat()
    return when.time().isoformat() if kind is TypeKind.TIME else when.isoformat(timespec="microseconds")
