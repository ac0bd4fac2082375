"""Rules against the types of their columns: what a rule yields, its bounds and values, the columns that it names."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_svc.core.check_dependents import parents_of
from schema_svc.core.check_laws import check_law, check_repeating
from schema_svc.core.check_texts import check_text_rules
from schema_svc.core.faults import RuleMisfit
from schema_svc.core.model import Column, LogicalType, Table
from schema_svc.core.names import did_you_mean
from schema_svc.core.problems import Problem
from schema_svc.core.rules import Bounds, HierarchyNode, LookupRule, Rule
from schema_svc.core.types import UnreadableType, read_type
from schema_svc.core.values import FLOATS, INTEGER_BITS, MOMENTS, NoValue, position, refuse_misfit, whole_numbers
from schema_svc.core.vocabulary import Dialect, TypeKind

_COUNTABLE = frozenset({*INTEGER_BITS, *FLOATS, *MOMENTS, TypeKind.DECIMAL, TypeKind.TIME, TypeKind.STRING})
_WORDS = frozenset({TypeKind.STRING, TypeKind.UUID})
_DOCUMENTS = frozenset({TypeKind.JSON, TypeKind.STRING, TypeKind.ARRAY, TypeKind.VECTOR})
YIELDS: Mapping[str, frozenset[TypeKind]] = {
    **dict.fromkeys(
        ("sequence", "permuted", "normal", "lognormal", "exponential", "beta", "gamma", "poisson", "zipf", "pareto"),
        _COUNTABLE,
    ),
    **dict.fromkeys(("pattern", "template"), frozenset({TypeKind.STRING})),
    **dict.fromkeys(("text", "uuid"), _WORDS),
    "boolean": frozenset({TypeKind.BOOLEAN}),
    "binary": frozenset({TypeKind.BINARY}),
    "json": _DOCUMENTS,
    "array": _DOCUMENTS,
    "event_time": MOMENTS,
}
"""Types that a rule makes values of; rules that are not here make any."""
_TEXTS = frozenset({TypeKind.STRING, TypeKind.UUID, TypeKind.JSON})
_DIGITS: Mapping[TypeKind, int] = {TypeKind.INT16: 5, TypeKind.INT32: 10, TypeKind.INT64: 19}
_BOUNDED = ("normal", "lognormal", "exponential", "beta", "gamma", "poisson", "pareto")


class Scope(NamedTuple):
    """What a rule may speak of."""

    column: str
    table: Table
    tables: Mapping[str, Table]
    dialect: Dialect


def check_rule(rule: Rule, logical: LogicalType, scope: Scope, path: str) -> Iterator[Problem]:
    """Everything of a rule that does not fit a column of this type."""
    for name in rule.kinds():
        place = f"{path}.{name}"
        kinds = YIELDS.get(name)
        if kinds and logical.kind not in kinds:
            shown = ", ".join(sorted(kind.lower() for kind in kinds))
            yield _misfit(place, f"the {name} rule does not yield {logical.kind.lower()}", f"it yields {shown}")
            continue
        yield from _check_range(rule, logical, place)
        yield from _check_values(rule, logical, place)
        yield from _check_counting(rule, logical, path)
        yield from _check_named_columns(rule, logical, scope, place)
        yield from _check_inner(rule, logical, scope, place)
        yield from check_law(rule, logical, path)


def _check_bounds(logical: LogicalType, low: str, high: str, path: str) -> Iterator[Problem]:
    """Bounds are values of the type, and in order."""
    found = {}
    for name, text in (("min", low), ("max", high)):
        if not text:
            continue
        try:
            found[name] = position(logical, text)
        except NoValue as why:
            yield _misfit(f"{path}.{name}", str(why))
    if len(found) == 2 and all(place is not None for place in found.values()) and found["min"] > found["max"]:  # type: ignore[operator]  # both are of one type
        yield _misfit(f"{path}.min", f"min {low} is above max {high}", "swap them")


def _misfit(path: str, message: str, hint: str = "") -> Problem:
    return Problem(path, message, hint, RuleMisfit)


def _check_range(rule: Rule, logical: LogicalType, place: str) -> Iterator[Problem]:
    if rule.uniform:
        yield from _check_bounds(logical, rule.uniform.min, rule.uniform.max, place)
    if rule.event_time:
        for name, text in (("start", rule.event_time.start), ("end", rule.event_time.end)):
            try:
                position(logical, text) if text else None
            except NoValue as why:
                yield _misfit(f"{place}.{name}", str(why))
    for name in _BOUNDED:
        law = getattr(rule, name)
        bounds: Bounds | None = law.bounds if law else None
        if bounds:
            yield from _check_bounds(logical, bounds.min, bounds.max, f"{place}.bounds")


def _check_values(rule: Rule, logical: LogicalType, place: str) -> Iterator[Problem]:
    values: list[tuple[str, str]] = []
    if rule.constant:
        values = [(f"{place}.value", rule.constant.value)]
    if rule.weighted_choice:
        choices = rule.weighted_choice.choices
        values = [(f"{place}.choices[{k}].value", choice.value) for k, choice in enumerate(choices)]
        if not any(choice.weight is None or choice.weight > 0 for choice in choices):
            yield _misfit(f"{place}.choices", "every weight is 0: nothing is ever chosen", "give one a weight")
    if rule.hierarchy:
        yield from _check_tree(rule.hierarchy.roots, f"{place}.roots")
    for path, value in values:
        try:
            refuse_misfit(logical, value)
        except NoValue as why:
            yield _misfit(path, str(why))


def _check_tree(nodes: list[HierarchyNode], path: str) -> Iterator[Problem]:
    if nodes and not any(node.weight is None or node.weight > 0 for node in nodes):
        yield _misfit(path, "every weight is 0: nothing is ever chosen", "give one a weight")
    for n, node in enumerate(nodes):
        yield from _check_tree(node.children, f"{path}[{n}].children")


def _check_counting(rule: Rule, logical: LogicalType, path: str) -> Iterator[Problem]:
    """The numbers of a rule that counts lie within the column's type."""
    whole = whole_numbers(logical)
    if not whole:
        return
    sequence, permuted = rule.sequence, rule.permuted
    given = {
        "sequence.start": sequence and sequence.start,
        "permuted.min": permuted and permuted.min,
        "permuted.max": permuted and permuted.max,
    }
    for field, number in given.items():
        if number is not None and number not in whole:
            held = f"the type holds {whole[0]} to {whole[-1]}"
            yield _misfit(f"{path}.{field}", f"{number} is outside the column's type", held)
    if permuted and permuted.min is not None and permuted.max is not None and permuted.min > permuted.max:
        yield _misfit(f"{path}.permuted.min", f"min {permuted.min} is above max {permuted.max}", "swap them")


def _check_named_columns(rule: Rule, logical: LogicalType, scope: Scope, place: str) -> Iterator[Problem]:
    known = [column.name for column in scope.table.columns]
    yield from check_text_rules(rule, scope.column, known, place)
    if rule.lookup:
        yield from _check_lookup(rule.lookup, logical, scope, place)


def _check_lookup(lookup: LookupRule, logical: LogicalType, scope: Scope, place: str) -> Iterator[Problem]:
    key_column, wanted = lookup.foreign_key, lookup.column
    parents = parents_of(scope.table)
    if key_column not in parents:
        hint = did_you_mean(key_column, parents, "foreign keys are")
        yield _misfit(f"{place}.foreign_key", f"{key_column!r} is no foreign key", hint)
        return
    parent = scope.tables.get(parents[key_column])
    source = parent.column(wanted) if parent else None
    if source and source.logical_type and not _holds(logical, source.logical_type):
        message = f"{source.data_type} of {parent.name}.{wanted} is more than the column's type holds" if parent else ""
        yield _misfit(f"{place}.column", message, f"give the column the type {source.data_type}")
    if parent and source is None:
        hint = did_you_mean(wanted, [column.name for column in parent.columns])
        yield _misfit(f"{place}.column", f"{parent.name!r} has no column {wanted!r}", hint)


def _holds(target: LogicalType, source: LogicalType) -> bool:
    """Whether a type has every value of another; what is neither number nor text must be the same kind."""
    if target.kind in _TEXTS:
        return source.kind in _TEXTS and (not target.length or 0 < source.length <= target.length)
    if target.kind in INTEGER_BITS:
        return INTEGER_BITS.get(source.kind, 65) <= INTEGER_BITS[target.kind]
    if target.kind is TypeKind.DECIMAL:
        whole = _DIGITS.get(source.kind, source.precision - source.scale if source.kind is target.kind else 39)
        return source.scale <= target.scale and whole <= target.precision - target.scale
    return source.kind is target.kind or (target.kind is TypeKind.FLOAT64 and source.kind is TypeKind.FLOAT32)


def _check_inner(rule: Rule, logical: LogicalType, scope: Scope, place: str) -> Iterator[Problem]:
    """Rules within rules."""
    if rule.mixture:
        if not any(part.weight > 0 for part in rule.mixture.parts):
            yield _misfit(f"{place}.parts", "every weight is 0: nothing is ever chosen", "give one a weight")
        for p, part in enumerate(rule.mixture.parts):
            yield from check_rule(part.rule, logical, scope, f"{place}.parts[{p}].rule")
    if rule.conditional:
        yield from check_rule(rule.conditional.then, logical, scope, f"{place}.then")
        if rule.conditional.otherwise:
            yield from check_rule(rule.conditional.otherwise, logical, scope, f"{place}.otherwise")
    if rule.json_object:
        for m, member in enumerate(rule.json_object.members):
            yield from _check_typed(member.data_type, member.rule, scope, f"{place}.members[{m}]")
    if rule.array:
        if rule.array.max_length and rule.array.min_length > rule.array.max_length:
            yield _misfit(f"{place}.min_length", "min_length is above max_length", "swap them")
        yield from _check_typed(rule.array.data_type, rule.array.rule, scope, place)


def _check_typed(data_type: str, rule: Rule | None, scope: Scope, path: str) -> Iterator[Problem]:
    if not data_type:
        return
    try:
        logical = read_type(data_type, scope.dialect).logical
    except UnreadableType as why:
        yield _misfit(f"{path}.data_type", why.message, why.hint)
        return
    if rule:
        yield from check_rule(rule, logical, scope, f"{path}.rule")


def rule_problems(column: Column, scope: Scope, path: str) -> Iterator[Problem]:
    """Everything of a column's rule that does not fit it."""
    if column.rule and column.logical_type:
        yield from check_rule(column.rule, column.logical_type, scope, f"{path}.rule")
        yield from check_repeating(column, path)
