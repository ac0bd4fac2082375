"""From the rule of a column that is made from others to its part, with everything that does not fit refused."""

from dataclasses import replace
from typing import Final

import pyarrow as pa

from generator_svc.core.columns import column_kernel, naming_column
from generator_svc.core.computation import Computation
from generator_svc.core.dependencies import Need, lookup_need, offset_need, rule_expression
from generator_svc.core.dependent_parts import (
    Added,
    Chosen,
    Computed,
    DependentPart,
    Drawn,
    Joined,
    Maker,
    Missing,
    OfParent,
    Own,
)
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.offset_columns import offset_kernel
from generator_svc.core.primitives import derive_key
from generator_svc.core.rules import ConditionalRule, DerivedRule, LookupRule, OffsetRule, Rule, TemplateRule
from generator_svc.core.segment_context import SegmentContext
from generator_svc.core.sheet import parent_link
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.template_columns import template_kernel, template_sources

DEPENDENT: Final = (OffsetRule, LookupRule, DerivedRule, ConditionalRule, TemplateRule)
_NAMES: Final = {
    OffsetRule: "an offset",
    LookupRule: "a lookup",
    DerivedRule: "an expression",
    ConditionalRule: "a choice",
}
_BOOLEAN: Final = LogicalType(TypeKind.BOOLEAN)
_INTEGER_DIGITS: Final = {TypeKind.INT16: 5, TypeKind.INT32: 10, TypeKind.INT64: 19}
_WORDS: Final = frozenset({TypeKind.STRING, TypeKind.UUID, TypeKind.JSON})


def dependent_part(context: SegmentContext, name: str, number: int) -> DependentPart:
    """Part of a column in one segment."""
    task, rule = context.task(name, number), context.rule(name)
    with naming_column(task):
        if not isinstance(rule, TemplateRule):
            task.refuse_distinct(_NAMES[type(rule)])
        return DependentPart(name, _Making(context, number, task).maker(task, rule))


class _Making:
    """One column of one segment, its rule and the rules within it."""

    def __init__(self, context: SegmentContext, number: int, task: ColumnTask) -> None:
        self._context, self._number, self._column = context, number, task.column

    def maker(self, task: ColumnTask, rule: Rule) -> Maker:
        """Maker of a rule; a rule within another one draws by a key of its own."""
        keys = self._context.keys
        match rule:
            case OffsetRule():
                need = offset_need(keys, self._column, rule.column)
                kind = self._context.needed_column(need).type
                return Added(self._source(need, kind), offset_kernel(task, rule, kind))
            case LookupRule():
                return self._lookup(lookup_need(keys, self._column, rule))
            case DerivedRule():
                self._refuse_null(rule)
                return Computed(self._computation(rule.expression, self._column.type))
            case ConditionalRule():
                return self._choice(task, rule)
            case TemplateRule():
                kernel = template_kernel(task, rule, keys, self._context.distinct)
                return Joined(template_sources(keys, self._column.name, rule), kernel)
            case _:
                return Drawn(column_kernel(task, rule))

    def _choice(self, task: ColumnTask, rule: ConditionalRule) -> Chosen:
        if rule.otherwise is None and self._column.name in self._context.keys.never_null:
            raise ImpossibleRule(
                "the column is required, and where the condition does not hold it would be NULL",
                hint="give the rule an otherwise, or let the column be NULL",
            )
        branches = [
            self.maker(replace(task, key=derive_key(branch, int(task.key))), inner)
            if inner
            else Missing(arrow_type(self._column.type))
            for branch, inner in (("then", rule.then), ("otherwise", rule.otherwise))
        ]
        return Chosen(self._computation(rule.condition, _BOOLEAN), *branches)

    def _lookup(self, need: Need) -> Maker:
        source = self._context.needed_column(need)
        if not _fits(source.type, self._column.type):
            raise ImpossibleRule(
                f"{self._column.data_type or self._column.type.kind.value} does not hold every "
                f"{source.data_type or source.type.kind.value} of {need.column}",
                hint="give the column the type of the one that it copies",
            )
        return self._source(need, self._column.type)

    def _source(self, need: Need, logical: LogicalType) -> Maker:
        key = need.key
        if key is None:
            return Own(need.column)
        if self._context.parent_rows(key, self._number) == 0 and self._column.name in self._context.keys.never_null:
            raise ImpossibleRule(
                f"the column is required, and parent table {key.parent_table} has no rows",
                hint=f"generate at least one row of {key.parent_table}",
            )
        context = self._context
        return OfParent(
            parent_link(key.columns), key.columns[0], lambda rows: context.parent_cells(need, rows), arrow_type(logical)
        )

    def _computation(self, text: str, logical: LogicalType) -> Computation:
        keys = self._context.keys
        expression = rule_expression(keys, self._column, text)
        return Computation(expression, {name: self._input(name) for name in expression.columns}, logical)

    def _input(self, name: str) -> pa.DataType:
        return arrow_type(self._context.keys.column(name).type)

    def _refuse_null(self, rule: DerivedRule) -> None:
        """Refuse a required column whose expression is NULL with any of the columns that it reads."""
        keys = self._context.keys
        expression = rule_expression(keys, self._column, rule.expression)
        if self._column.name not in keys.never_null or expression.may_hide_nulls:
            return
        for name in expression.columns:
            if name not in keys.never_null and keys.null_fraction(keys.column(name)) > 0.0:
                raise ImpossibleRule(
                    f"the column is required, and its expression is NULL where {name} is",
                    hint=f"write coalesce({name}, 0), or let the column be NULL",
                )


def _fits(source: LogicalType, target: LogicalType) -> bool:
    """Whether every value of one type is one of the other."""
    if target.kind in _WORDS:
        return source.kind in _WORDS and (not target.length or 0 < source.length <= target.length)
    if target.kind is TypeKind.DECIMAL:
        digits = (
            source.precision - source.scale if source.kind is TypeKind.DECIMAL else _INTEGER_DIGITS.get(source.kind)
        )
        return digits is not None and source.scale <= target.scale and digits <= target.precision - target.scale
    if target.kind in _INTEGER_DIGITS:
        return source.kind in _INTEGER_DIGITS and _INTEGER_DIGITS[source.kind] <= _INTEGER_DIGITS[target.kind]
    if target.kind is TypeKind.FLOAT64:
        return source.kind in {TypeKind.FLOAT32, TypeKind.FLOAT64}
    return source.kind is target.kind
