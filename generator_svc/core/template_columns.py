"""Columns of the template rule: which columns each names, and the kernel that joins them."""

import difflib
from typing import Final

from dwsim_wire.fault import Fault, InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.templates import Field, Template, TemplateKernel, read_template
from generator_svc.core.keys import TableKeys
from generator_svc.core.rules import TemplateRule
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask

_NUMBERS: Final = frozenset({TypeKind.INT16, TypeKind.INT32, TypeKind.INT64})
_DIGITS: Final = {**dict.fromkeys(_NUMBERS, "0123456789"), TypeKind.UUID: ""}
"""Characters that the text of a kind may go on with, for kinds whose text shows where it ends."""
_WIDTHS: Final = {TypeKind.INT16: 6, TypeKind.INT32: 11, TypeKind.INT64: 20, TypeKind.UUID: 36}


def template_sources(keys: TableKeys, column: str, rule: TemplateRule) -> tuple[str, ...]:
    """Columns that a template names; unknown ones and bytes are refused."""
    fields = _fields(keys, column, rule)
    for field in fields:
        _refuse_source(keys, column, field.column)
    return tuple(dict.fromkeys(field.column for field in fields))


def template_kernel(task: ColumnTask, rule: TemplateRule, keys: TableKeys, distinct: frozenset[str]) -> TemplateKernel:
    """Kernel of a template column; `distinct` are the columns of the table that are distinct."""
    kind, limit, template = task.column.type.kind, task.column.type.length, read_template(rule.template)
    if kind is not TypeKind.STRING:
        raise ImpossibleRule(
            f"the template rule does not yield {kind.value}",
            hint="make the column a VARCHAR, or choose a rule of its type",
            metadata={"rule": "template"},
        )
    fixed = len(template.tail) + sum(len(field.before) for field in template.fields)
    if limit and fixed > limit:
        raise ImpossibleRule(
            f"the template has {fixed} characters besides its columns, the column holds {limit}",
            hint="shorten the template or lengthen the column",
            metadata={"rule": "template"},
        )
    if task.distinct and not _tells_apart(template, keys, distinct, limit):
        raise ImpossibleRule(
            "the template may give two rows one text, the column is unique",
            hint="put a unique integer or UUID column first or last, with another character beside it and room for all",
            metadata={"rule": "template"},
        )
    return TemplateKernel(template, limit, nullable=task.column.name not in keys.never_null)


def _tells_apart(template: Template, keys: TableKeys, distinct: frozenset[str], limit: int) -> bool:
    """Tell whether a distinct column can be read off the start or the end of every value, none of which is cut."""
    fields = template.fields
    if not fields or (limit and _longest(template, keys) > limit):
        return False
    alone = len(fields) == 1
    first, last = fields[0], fields[-1]
    after = template.tail if alone else fields[1].before
    return _readable(keys, distinct, first.column, after[:1], "", alone and not after) or _readable(
        keys, distinct, last.column, last.before[-1:], "-", alone and not last.before
    )


def _readable(keys: TableKeys, distinct: frozenset[str], column: str, beside: str, sign: str, end: bool) -> bool:
    """Tell whether a distinct column's text ends where another character, or the value, does."""
    kind = keys.column(column).type.kind
    if column not in distinct or kind not in _DIGITS:
        return False
    return kind is TypeKind.UUID or end or (beside != "" and beside not in _DIGITS[kind] + sign)


def _longest(template: Template, keys: TableKeys) -> float:
    length: float = len(template.tail)
    for field in template.fields:
        source = keys.column(field.column).type
        known = source.length if source.kind is TypeKind.STRING else _WIDTHS.get(source.kind, 0)
        length += len(field.before) + (known or float("inf"))
    return length


def _fields(keys: TableKeys, column: str, rule: TemplateRule) -> tuple[Field, ...]:
    try:
        return read_template(rule.template).fields
    except Fault as fault:
        where = {"table": keys.table.name, "column": column}
        raise type(fault)(f"{keys.table.name}.{column}: {fault.message}", hint=fault.hint, metadata=where) from fault


def _refuse_source(keys: TableKeys, column: str, source: str) -> None:
    known = [each.name for each in keys.table.columns]
    where = {"table": keys.table.name, "column": column}
    if source not in known:
        near = difflib.get_close_matches(source, known, 1)
        raise InvalidArgument(
            f"{keys.table.name}.{column}: the template names {source!r}, which is no column",
            hint=f"did you mean {near[0]!r}?" if near else f"columns are {', '.join(known)}",
            metadata=where,
        )
    if keys.column(source).type.kind is TypeKind.BINARY:
        raise ImpossibleRule(
            f"{keys.table.name}.{column}: {source} holds bytes, which are no text",
            hint="name another column",
            metadata=where,
        )
