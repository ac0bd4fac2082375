"""What rules promise that make a column from others: recomputed from the staged columns and compared."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from generator_svc.core.computation import sql_cast
from generator_svc.core.dependencies import lookup_need, offset_need, rule_expression
from generator_svc.core.kernels.templates import Field, read_template
from generator_svc.core.rules import (
    ConditionalRule,
    DerivedRule,
    LookupRule,
    OffsetRule,
    OffsetUnit,
    Rule,
    TemplateRule,
)
from generator_svc.core.segment_context import SegmentContext
from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.units import DAY, MOMENTS, SECOND, type_range
from generator_svc.quality.claims import Join, RowClaim
from generator_svc.quality.report import CheckKind
from generator_svc.quality.rule_claims import Ruled, rule_claims
from generator_svc.quality.sql import literal, microseconds, quoted, text_of, unit_value

_CALENDAR: Final = frozenset({TypeKind.DATE, TypeKind.TIME, *MOMENTS})
_INTEGERS: Final = frozenset({TypeKind.INT16, TypeKind.INT32, TypeKind.INT64})
_PLAIN: Final = frozenset({TypeKind.STRING, TypeKind.UUID, *_INTEGERS})
_TOLERANCE: Final = {TypeKind.FLOAT32: 1e-5}
_FINE: Final = 1e-9
_MICROSECONDS: Final = {
    OffsetUnit.OWN: 1,
    OffsetUnit.SECONDS: SECOND,
    OffsetUnit.MINUTES: 60 * SECOND,
    OffsetUnit.HOURS: 3_600 * SECOND,
    OffsetUnit.DAYS: DAY,
}


def claims_of(context: SegmentContext, ruled: Ruled) -> list[RowClaim]:
    """Claims of a rule, whatever it reads."""
    match ruled.rule:
        case DerivedRule():
            return [_derived(context, ruled, ruled.rule)]
        case ConditionalRule():
            return list(_conditional(context, ruled, ruled.rule))
        case TemplateRule():
            return list(_template(context, ruled, ruled.rule))
        case OffsetRule():
            return [_offset(context, ruled, ruled.rule)]
        case LookupRule():
            return [_lookup(context, ruled, ruled.rule)]
        case _:
            return rule_claims(ruled)


def _nulls_allowed(context: SegmentContext, ruled: Ruled) -> bool:
    return context.keys.null_fraction(ruled.task.column) > 0.0


def _equal(context: SegmentContext, ruled: Ruled, wanted: str) -> str:
    """SQL that is true where the column is not what was wanted; its own share of NULLs is no error."""
    differs = f"{ruled.quoted} IS DISTINCT FROM {wanted}"
    return f"{ruled.quoted} IS NOT NULL AND {differs}" if _nulls_allowed(context, ruled) else differs


def _derived(context: SegmentContext, ruled: Ruled, rule: DerivedRule) -> RowClaim:
    column = ruled.task.column
    expression = rule_expression(context.keys, column, rule.expression)
    broken = _equal(context, ruled, sql_cast(expression.sql, column.type))
    return RowClaim(CheckKind.EXPRESSION, (ruled.name,), rule.expression, broken)


def _conditional(context: SegmentContext, ruled: Ruled, rule: ConditionalRule) -> Iterator[RowClaim]:
    condition = f"({rule_expression(context.keys, ruled.task.column, rule.condition).sql})"
    for held, name, branch in (("IS TRUE", "where", rule.then), ("IS NOT TRUE", "unless", rule.otherwise)):
        for claim in _branch(context, ruled, branch):
            broken = f"{condition} {held} AND ({claim.broken})"
            yield replace(claim, expected=f"{claim.expected} {name} {rule.condition}", broken=broken)


def _branch(context: SegmentContext, ruled: Ruled, rule: Rule | None) -> Iterable[RowClaim]:
    if rule is None:
        return [RowClaim(CheckKind.EXPRESSION, (ruled.name,), "NULL", f"{ruled.quoted} IS NOT NULL")]
    return claims_of(context, replace(ruled, rule=rule))


def _template(context: SegmentContext, ruled: Ruled, rule: TemplateRule) -> Iterator[RowClaim]:
    """Recompute texts that are not cut, of columns whose text is the same everywhere."""
    template, limit = read_template(rule.template), ruled.task.column.type.length
    if not all(_is_plain(context, field) for field in template.fields) or not template.fields:
        return
    pieces = [piece for field in template.fields for piece in (text_of(field.before), _changed(field))]
    joined = " || ".join([*pieces, text_of(template.tail)])
    missing = f"{ruled.quoted} IS NULL" if context.keys.null_fraction(ruled.task.column) > 0 else "false"
    fits = f"length({joined}) <= {limit}" if limit else f"({joined}) IS NOT NULL"
    broken = f"{fits} AND NOT {missing} AND {ruled.quoted} IS DISTINCT FROM ({joined})"
    yield RowClaim(CheckKind.EXPRESSION, (ruled.name,), rule.template, broken)


def _is_plain(context: SegmentContext, field: Field) -> bool:
    return context.keys.column(field.column).type.kind in _PLAIN and "ascii" not in field.modifiers


def _changed(field: Field) -> str:
    text = f"CAST({quoted(field.column)} AS VARCHAR)"
    for name in field.modifiers:
        text = f"{name}({text})"
    return text


def _offset(context: SegmentContext, ruled: Ruled, rule: OffsetRule) -> RowClaim:
    need = offset_need(context.keys, ruled.task.column, rule.column)
    alias = f"§{rule.column}"
    source = alias if need.key else need.column
    joins = (Join(need.key, need.column, alias),) if need.key else ()
    kind = context.needed_column(need).type
    expected = f"{rule.column} + {rule.min} to {rule.max}{_unit(rule)}"
    broken = _away(ruled.task.column.type, ruled.quoted, kind, quoted(source), rule)
    return RowClaim(CheckKind.RANGE, (ruled.name,), expected, broken, joins)


def _unit(rule: OffsetRule) -> str:
    return "" if rule.unit is OffsetUnit.OWN else f" {rule.unit.value.lower()}"


def _away(target: LogicalType, column: str, source: LogicalType, other: str, rule: OffsetRule) -> str:
    """SQL that is true where a column is too near to another or too far from it; sums stop at the type's ends."""
    low, high = str(rule.min), str(rule.max)
    if target.kind is TypeKind.DATE and rule.unit in {OffsetUnit.OWN, OffsetUnit.DAYS}:
        apart = f"date_diff('day', CAST({other} AS DATE), {column})"
    elif target.kind in _CALENDAR:
        step = _MICROSECONDS[rule.unit]
        apart = f"{microseconds(target, column)} - {microseconds(source, other)}"
        low, high = str(rule.min * step - (DAY - 1 if target.kind is TypeKind.DATE else 0)), str(rule.max * step)
    elif target.kind in _INTEGERS:
        apart = f"CAST({column} AS HUGEINT) - CAST({other} AS HUGEINT)"
    else:
        apart = f"CAST({column} AS DOUBLE) - CAST({other} AS DOUBLE)"
        slack = f"{_TOLERANCE.get(target.kind, _FINE)} * (1 + abs(CAST({column} AS DOUBLE)) + {abs(rule.max)})"
        return f"{apart} < {low} - {slack} OR {apart} > {high} + {slack}"
    return f"({apart} < {low} OR {apart} > {high}) AND {_inside(target, column)}"


def _inside(logical: LogicalType, column: str) -> str:
    whole = type_range(logical)
    ends = ", ".join(literal(unit_value(logical, units)) for units in (whole.low, whole.high))
    return f"{column} NOT IN ({ends})"


def _lookup(context: SegmentContext, ruled: Ruled, rule: LookupRule) -> RowClaim:
    need = lookup_need(context.keys, ruled.task.column, rule)
    assert need.key is not None
    alias = f"§{rule.foreign_key}.{rule.column}"
    parent = f"CAST({quoted(alias)} AS {_type_name(ruled.task.column.type)})"
    differs = f"{ruled.quoted} <> {parent}"
    if not _nulls_allowed(context, ruled):
        differs += f" OR ({ruled.quoted} IS NULL AND {parent} IS NOT NULL)"
    if ruled.name not in context.keys.never_null:
        differs += f" OR ({ruled.quoted} IS NOT NULL AND {parent} IS NULL)"
    expected = f"{rule.column} of {need.key.parent_table}"
    join = Join(need.key, need.column, alias)
    return RowClaim(CheckKind.EXPRESSION, (ruled.name,), expected, differs, (join,))


def _type_name(logical: LogicalType) -> str:
    return sql_cast("x", logical).removeprefix("CAST(x AS ").removesuffix(")")
