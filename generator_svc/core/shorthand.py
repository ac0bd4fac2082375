"""The document's simple column fields -> rules: `min_value`, `date_start`, `faker_rule`, `distribution`, …"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.rule_document import RULES, read_dataclass
from generator_svc.core.rules import FakerRule, PermutedRule, Rule, SequenceRule, UniformRule
from generator_svc.core.spec import LogicalType, TypeKind

INTEGERS = frozenset({TypeKind.INT16, TypeKind.INT32, TypeKind.INT64})
NUMBERS = INTEGERS | {TypeKind.FLOAT32, TypeKind.FLOAT64, TypeKind.DECIMAL}
LAWS = ("uniform", "normal", "lognormal", "exponential", "beta", "gamma", "poisson", "zipf", "pareto")
MOMENTS = frozenset({TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMP_TZ})


def shorthand_rule(column: Mapping[str, Any], kind: LogicalType, *, unique: bool, primary: bool) -> Rule | None:
    """Rule that a column's simple fields mean; None where it has none."""
    if provider := column.get("faker_rule"):
        return FakerRule(provider)
    if distribution := column.get("distribution"):
        return _law(distribution, *_bounds(column))
    if kind.kind in MOMENTS and (column.get("date_start") or column.get("date_end")):
        return UniformRule(column.get("date_start", ""), column.get("date_end", ""))
    low, high = _bounds(column)
    if kind.kind not in NUMBERS or not (low or high):
        return None
    if unique and _is_integer(kind):
        return _distinct_integers(low, high, primary=primary)
    return UniformRule(low, high)


def _is_integer(kind: LogicalType) -> bool:
    return kind.kind in INTEGERS or (kind.kind is TypeKind.DECIMAL and kind.scale == 0)


def _distinct_integers(low: str, high: str, *, primary: bool) -> Rule:
    """Count from a primary key's lower bound; visit any other range in a seeded order."""
    if primary and low and not high:
        return SequenceRule(start=int(Decimal(low)))
    return PermutedRule(int(Decimal(low or 1)), int(Decimal(high)) if high else None)


def _bounds(column: Mapping[str, Any]) -> tuple[str, str]:
    return _number(column.get("min_value")), _number(column.get("max_value"))


def _number(value: float | str | None) -> str:
    """Shortest decimal text of a double, without an exponent."""
    if value is None:
        return ""
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _law(distribution: Mapping[str, Any], low: str, high: str) -> Rule:
    """Read `{"type": "normal", "parameters": {"mean": 5}}`, limited by the column's bounds."""
    name = str(distribution.get("type", "")).lower()
    facts: dict[str, Any] = dict(distribution.get("parameters", {}))
    low, high = _number(facts.pop("min", None)) or low, _number(facts.pop("max", None)) or high
    if name not in LAWS:
        raise InvalidArgument(f"no distribution is called {name!r}", hint=f"distributions are {', '.join(LAWS)}")
    limit = _LIMITS.get(name, _by_bounds)
    rule: Rule = read_dataclass(RULES[name], limit(facts, low, high))
    return rule


def _by_bounds(facts: Mapping[str, Any], low: str, high: str) -> Mapping[str, Any]:
    return {**facts, "bounds": {"min": low, "max": high}}


def _by_range(facts: Mapping[str, Any], low: str, high: str) -> Mapping[str, Any]:
    return {**facts, "min": low, "max": high}


def _by_ranks(facts: Mapping[str, Any], low: str, high: str) -> Mapping[str, Any]:
    """Zipf counts ranks from 1: an upper bound is the number of ranks."""
    del low
    return {"ranks": Decimal(high), **facts} if high else facts


_LIMITS: Mapping[str, Callable[[Mapping[str, Any], str, str], Mapping[str, Any]]] = {
    "uniform": _by_range,
    "zipf": _by_ranks,
}
