"""Columns of the faker rule: text by the text engine, dates and times by their range, others by values of the type."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final

from dwsim_wire.faker_names import provider_name
from dwsim_wire.fault import Fault
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.choices import Weighted, distinct_texts, listed_kernel, literals
from generator_svc.core.kernels.faker_moments import calendar_weights, faker_moments
from generator_svc.core.kernels.faker_pools import pool_values
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbers import Permuted
from generator_svc.core.kernels.providers import arguments_of, locale_of
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.moment_columns import moment_kernel
from generator_svc.core.rules import FakerRule
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import EXACT

_DATED: Final = r"\d{4}-\d\d-\d\d.*"
_FORMS: Final[Mapping[TypeKind, str]] = {
    **dict.fromkeys((TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMP_TZ), _DATED),
    TypeKind.TIME: r"\d\d:\d\d.*",
    TypeKind.BOOLEAN: r".*",
    TypeKind.INTERVAL: r"P?[-+]?\d.*",
    TypeKind.GEOGRAPHY: r"[A-Za-z ]+\(.*",
    TypeKind.ARRAY: r"\[.*",
    TypeKind.VECTOR: r"\[.*",
}
"""Forms of texts of a kind: text that only happens to be readable as one, such as 12 as a time, is none.

Of these kinds, all values of a method are to be of the kind; numbers may leave out what is beyond the column.
"""
_JSON: Final = frozenset({TypeKind.JSON, TypeKind.ARRAY, TypeKind.VECTOR})


def faker_kernel(task: ColumnTask, rule: FakerRule) -> Kernel:
    """Kernel of a faker column."""
    if task.column.type.kind in {TypeKind.STRING, TypeKind.UUID}:
        rows = task.rows if task.distinct else None
        return text_kernel(rule, task.column, task.key, rows, task.first_row, as_of=task.as_of)
    provider = provider_name(rule.provider)
    moments = faker_moments(provider, locale_of(rule), arguments_of(rule), task.as_of)
    if moments and not moments.own_pattern:
        return moment_kernel(task, provider, moments)
    counts = _counts_of_type(task, rule)
    if not task.distinct:
        return listed_kernel(Weighted(task.key, list(counts.values())), task.column.type, list(counts))
    distinct = distinct_texts(task.column.type, list(counts))
    task.require(len(distinct), f"the pool of '{provider}'")
    return listed_kernel(Permuted(task.key, len(distinct)), task.column.type, distinct)


def _counts_of_type(task: ColumnTask, rule: FakerRule) -> dict[str, float]:
    """Values that the column holds, with how many they were drawn."""
    logical, provider, arguments = task.column.type, provider_name(rule.provider), arguments_of(rule)
    drawn = _drawn(provider, locale_of(rule), arguments, task)
    held = {value: _as_held(logical, value) for value in drawn}
    strange = [value for value, text in held.items() if text is None]
    if len(strange) == len(held) or (strange and logical.kind in _FORMS):
        raise ImpossibleRule(
            f"values of '{provider}', such as {strange[0][:40]!r}, are not {logical.kind.value}",
            hint="choose a provider of the column's type, or make the column a VARCHAR",
            metadata={"rule": "faker", "provider": provider},
        )
    counts: dict[str, float] = {}
    for value, count in drawn.items():
        if (text := held[value]) is not None:
            counts[text] = counts.get(text, 0.0) + count
    return counts


def _drawn(provider: str, locale: str, arguments: Mapping[str, Any], task: ColumnTask) -> dict[str, float]:
    """Values of a method as text, by weight: parts of dates whole, others as a pool has them."""
    if weights := calendar_weights(provider, locale, arguments, task.as_of):
        return dict(weights)
    counts = Counter(pool_values(provider, locale, arguments, task.as_of))
    return {value: float(count) for value, count in counts.items()}


def _as_held(logical: LogicalType, value: str) -> str | None:
    """Write a value as the type holds it; None where it does not."""
    if not re.fullmatch(_FORMS.get(logical.kind, ".*"), value, re.DOTALL):
        return None
    try:
        if logical.kind is TypeKind.DECIMAL:
            value = format(Decimal(value).quantize(Decimal(1).scaleb(-logical.scale), ROUND_HALF_EVEN, EXACT), "f")
        if logical.kind in _JSON:
            json.loads(value)
        literals(logical, [value])
    except (Fault, InvalidOperation, ValueError):
        return None
    return value
