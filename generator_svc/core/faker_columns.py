"""Columns of the faker rule: text by the text engine, other types from the values of a pool that are of the type."""

import json
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from dwsim_wire.faker_names import provider_name
from dwsim_wire.fault import Fault
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.choices import Weighted, distinct_texts, listed_kernel, literals
from generator_svc.core.kernels.faker_pools import pool_values
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbers import Permuted
from generator_svc.core.kernels.providers import arguments_of, locale_of
from generator_svc.core.kernels.text import text_kernel
from generator_svc.core.rules import FakerRule
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import EXACT


def faker_kernel(task: ColumnTask, rule: FakerRule) -> Kernel:
    """Kernel of a faker column."""
    if task.column.type.kind in {TypeKind.STRING, TypeKind.UUID}:
        rows = task.rows if task.distinct else None
        return text_kernel(rule, task.column, task.key, rows, task.first_row, as_of=task.as_of)
    texts = _texts_of_type(task, rule)
    counts = dict.fromkeys(texts, 0.0)
    for text in texts:
        counts[text] += 1.0
    if not task.distinct:
        return listed_kernel(Weighted(task.key, list(counts.values())), task.column.type, list(counts))
    distinct = distinct_texts(task.column.type, list(counts))
    task.require(len(distinct), f"the pool of '{provider_name(rule.provider)}'")
    return listed_kernel(Permuted(task.key, len(distinct)), task.column.type, distinct)


def _texts_of_type(task: ColumnTask, rule: FakerRule) -> list[str]:
    """Values of the pool that the column holds."""
    logical, provider = task.column.type, provider_name(rule.provider)
    values = pool_values(provider, locale_of(rule), arguments_of(rule), task.as_of)
    held = {value: _as_held(logical, value) for value in dict.fromkeys(values)}
    texts = [text for value in values if (text := held[value]) is not None]
    if not texts:
        raise ImpossibleRule(
            f"values of '{provider}', such as {values[0][:40]!r}, are not {logical.kind.value}",
            hint="choose a provider of the column's type, or make the column a VARCHAR",
            metadata={"rule": "faker", "provider": provider},
        )
    return texts


def _as_held(logical: LogicalType, value: str) -> str | None:
    """Write a value as the type holds it; None where it does not."""
    try:
        if logical.kind is TypeKind.DECIMAL:
            value = format(Decimal(value).quantize(Decimal(1).scaleb(-logical.scale), ROUND_HALF_EVEN, EXACT), "f")
        if logical.kind is TypeKind.JSON:
            json.loads(value)
        literals(logical, [value])
    except (Fault, InvalidOperation, ValueError):
        return None
    return value
