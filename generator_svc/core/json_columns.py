"""Columns of the json and array rules: objects and arrays whose members and elements follow rules of their own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from generator_svc.core.defaults import default_rule
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.json_text import JsonArrayKernel, JsonObjectKernel, Member
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.numbers import Uniform
from generator_svc.core.primitives import derive_key
from generator_svc.core.rules import ArrayRule, JsonMember, JsonRule, Rule
from generator_svc.core.spec import ColumnSpec, LogicalType, TypeKind
from generator_svc.core.sql_types import sql_type
from generator_svc.core.task import ColumnTask

KernelOf = Callable[[ColumnTask, Rule], Kernel]

DEFAULT_ELEMENTS: Final = 5
_MOST_ELEMENTS: Final = 10_000
_RAW: Final = frozenset({TypeKind.JSON, TypeKind.ARRAY, TypeKind.VECTOR})
_HOLDERS: Final = frozenset({TypeKind.STRING, TypeKind.JSON})
_ARRAY_HOLDERS: Final = _HOLDERS | {TypeKind.ARRAY, TypeKind.VECTOR}
_WIDTHS: Final = {
    TypeKind.BOOLEAN: 5,
    TypeKind.INT16: 6,
    TypeKind.INT32: 11,
    TypeKind.INT64: 20,
    TypeKind.FLOAT32: 25,
    TypeKind.FLOAT64: 25,
    TypeKind.DECIMAL: 41,
    TypeKind.DATE: 12,
    TypeKind.TIME: 17,
    TypeKind.TIMESTAMP: 28,
    TypeKind.TIMESTAMP_TZ: 29,
    TypeKind.UUID: 38,
}
"""Most characters of a kind's value as JSON."""


def json_kernel(task: ColumnTask, rule: JsonRule, kernel_of: KernelOf) -> Kernel:
    """Kernel of objects."""
    _refuse_kind(task, "json", _HOLDERS)
    task.refuse_distinct("a JSON object")
    names = [member.name for member in rule.members]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ImpossibleRule(f"the object has two members {twice!r}", hint="give each a name of its own")
    types = [sql_type(member.data_type) for member in rule.members]
    _refuse_longer(task, 2 + sum(len(name) + 6 + _width(kind) for name, kind in zip(names, types, strict=True)))
    return JsonObjectKernel([_member(task, each, kernel_of) for each in rule.members])


def array_kernel(task: ColumnTask, rule: ArrayRule, kernel_of: KernelOf) -> Kernel:
    """Kernel of arrays."""
    _refuse_kind(task, "array", _ARRAY_HOLDERS)
    task.refuse_distinct("an array")
    low, high = array_lengths(task, rule)
    element = sql_type(rule.data_type)
    _refuse_longer(task, 2 + high * (2 + _width(element)))
    most = max(high, 1)
    inner = replace(_inner(task, "elements", element), first_row=task.first_row * most, rows=task.rows * most)
    lengths = Uniform(derive_key("length", int(task.key)), high - low + 1)
    return JsonArrayKernel(_kernel(inner, rule.rule, kernel_of), lengths, low, most, raw=element.kind in _RAW)


def array_lengths(task: ColumnTask, rule: ArrayRule) -> tuple[int, int]:
    """Fewest and most elements; a vector has as many as its type says."""
    vector = task.column.type.length if task.column.type.kind is TypeKind.VECTOR else 0
    low = rule.min_length or vector
    high = rule.max_length or vector or max(low, DEFAULT_ELEMENTS)
    if not 0 <= low <= high <= _MOST_ELEMENTS or (vector and (low, high) != (vector, vector)):
        raise ImpossibleRule(
            f"no array has {low} to {high} elements" + (f"; the vector has {vector}" if vector else ""),
            hint=f"min_length is at most max_length, both at most {_MOST_ELEMENTS}",
            metadata={"rule": "array"},
        )
    return low, high


def _member(task: ColumnTask, member: JsonMember, kernel_of: KernelOf) -> Member:
    if not 0 <= member.null_fraction <= 1:
        raise ImpossibleRule(f"null_fraction of member {member.name!r} is {member.null_fraction}", hint="0 to 1")
    inner = _inner(task, member.name, sql_type(member.data_type))
    kernel = _kernel(inner, member.rule, kernel_of)
    absent = derive_key("absent", int(inner.key))
    return Member(member.name, kernel, inner.column.type.kind in _RAW, absent, member.null_fraction)


def _inner(task: ColumnTask, name: str, kind: LogicalType) -> ColumnTask:
    """Task of a member: a column of its own that stands alone."""
    column = ColumnSpec(name, kind)
    return replace(task, column=column, key=derive_key("member", int(task.key), name), distinct=False)


def _kernel(task: ColumnTask, rule: Rule | None, kernel_of: KernelOf) -> Kernel:
    return kernel_of(task, rule or default_rule(task.table, task.column, primary=False, distinct=False))


def _width(kind: LogicalType) -> float:
    if kind.kind is TypeKind.STRING and kind.length:
        return 2 * kind.length + 2
    return _WIDTHS.get(kind.kind, float("inf"))


def _refuse_kind(task: ColumnTask, name: str, holders: frozenset[TypeKind]) -> None:
    if task.column.type.kind not in holders:
        raise ImpossibleRule(
            f"the {name} rule does not yield {task.column.type.kind.value}",
            hint="make the column a VARCHAR or a JSON type",
            metadata={"rule": name},
        )


def _refuse_longer(task: ColumnTask, longest: float) -> None:
    """Refuse documents that might have to be cut."""
    limit = task.column.type.length if task.column.type.kind is TypeKind.STRING else 0
    if limit and longest > limit:
        shown = f"{longest:.0f}" if longest != float("inf") else "any number of"
        raise ImpossibleRule(
            f"the document may have {shown} characters, the column holds {limit}",
            hint="give texts a length, such as VARCHAR(20), or lengthen the column",
        )
