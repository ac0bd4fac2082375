"""What a rule promises of every cell of its column."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from generator_svc.core.float_columns import LARGEST, float_limits
from generator_svc.core.hierarchy_columns import hierarchy_values
from generator_svc.core.json_columns import array_lengths
from generator_svc.core.kernels.choices import literals
from generator_svc.core.kernels.pattern_syntax import read_pattern
from generator_svc.core.number_columns import COUNTABLE, distinct_range, whole_numbers
from generator_svc.core.rules import (
    ArrayRule,
    BetaRule,
    BinaryRule,
    BooleanRule,
    ConstantRule,
    EventTimeRule,
    ExponentialRule,
    GammaRule,
    HierarchyRule,
    LognormalRule,
    MixtureRule,
    NormalRule,
    ParetoRule,
    PatternRule,
    PermutedRule,
    PoissonRule,
    Rule,
    SequenceRule,
    UniformRule,
    UuidRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask
from generator_svc.core.units import DEFAULT_TOP, units_of
from generator_svc.quality.claims import RowClaim
from generator_svc.quality.patterns import spelled
from generator_svc.quality.report import CheckKind
from generator_svc.quality.sql import countable, literal, quoted, text_of, unit_value

UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_MOST_LISTED: Final = 10_000
_SHOWN: Final = 5
_FLOATS: Final = frozenset(LARGEST)
_FROM_ZERO: Final = (LognormalRule, ExponentialRule, GammaRule, PoissonRule)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A column under a rule; `member` of a key of several columns, whose domain may be wider than the rule's own."""

    task: ColumnTask
    rule: Rule
    member: bool = False

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.task.column.name

    @property
    def quoted(self) -> str:
        """Name as SQL."""
        return quoted(self.name)


def rule_claims(ruled: Ruled) -> list[RowClaim]:
    """Claims of a rule that stands alone; one that reads other columns has none here."""
    maker = _MAKERS.get(type(ruled.rule))
    elastic = ruled.member and not _is_fixed(ruled.rule)
    return [] if maker is None or elastic else list(maker(ruled, ruled.rule))


def between(ruled: Ruled, low: Any, high: Any, expected: str = "") -> RowClaim:
    """Claim of least and largest value; None is no limit."""
    column, floats = countable(ruled.task.column.type, ruled.name), ruled.task.column.type.kind is TypeKind.FLOAT32
    limits = [(low, "<"), (high, ">")]
    broken = [f"{column} {sign} {_limit(value, floats)}" for value, sign in limits if value is not None]
    if ruled.task.column.type.kind is TypeKind.STRING:
        broken.append(f"({ruled.quoted} IS NOT NULL AND {column} IS NULL)")
    return RowClaim(CheckKind.RANGE, (ruled.name,), expected or _span(low, high), " OR ".join(broken))


def one_of(ruled: Ruled, texts: Iterable[str]) -> RowClaim:
    """Claim of listed values, written as text of the column's type."""
    found = literals(ruled.task.column.type, list(dict.fromkeys(texts))).to_pylist()
    listed = ", ".join(literal(value) for value in found)
    shown = ", ".join(str(value) for value in found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
    column = f"CAST({ruled.quoted} AS DOUBLE)" if ruled.task.column.type.kind in _FLOATS else ruled.quoted
    if ruled.task.column.type.kind is TypeKind.FLOAT32:
        listed = ", ".join(f"CAST({literal(value)} AS REAL)" for value in found)
        column = ruled.quoted
    return RowClaim(CheckKind.DOMAIN, (ruled.name,), f"one of {shown}", f"{column} NOT IN ({listed})")


def law_limits(ruled: Ruled) -> tuple[Any, Any]:
    """Least and largest value that a law's bounds allow; None where only the type limits it."""
    rule, logical = ruled.rule, ruled.task.column.type
    bounds, least = getattr(rule, "bounds"), "0" if isinstance(rule, _FROM_ZERO) else ""  # noqa: B009 laws have bounds
    if isinstance(rule, BetaRule) and logical.kind not in LARGEST and not bounds.max:
        bounds = replace(bounds, max="1")
    low, high = bounds.min or ("0" if isinstance(rule, BetaRule) else least), bounds.max
    if logical.kind in _FLOATS:
        largest = repr(LARGEST[logical.kind])
        top = high or ("1" if isinstance(rule, BetaRule) else largest)
        first, last = float_limits(ruled.task, low or f"-{largest}", top)
        return (first if low else None), (last if top != largest else None)
    return (
        unit_value(logical, units_of(logical, low, up=True)) if low else None,
        unit_value(logical, units_of(logical, high, up=False)) if high else None,
    )


def _is_fixed(rule: Rule) -> bool:
    """Whether a member of a key has no values but the rule's own."""
    match rule:
        case WeightedChoiceRule() | ConstantRule() | BooleanRule() | PatternRule():
            return True
        case PermutedRule():
            return rule.max is not None
        case UniformRule():
            return bool(rule.min or rule.max)
        case _:
            return False


def _limit(value: Any, single: bool) -> str:
    return f"CAST({literal(value)} AS REAL)" if single else literal(value)


def _span(low: Any, high: Any) -> str:
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    return f"{low} to {high}"


def _sequence(ruled: Ruled, rule: SequenceRule) -> Iterable[RowClaim]:
    last = rule.start + (ruled.task.last_row - 1) * rule.step
    claim = between(ruled, min(rule.start, last), max(rule.start, last))
    if ruled.task.column.type.kind in _FLOATS or abs(rule.step) <= 1:
        return [claim]
    column = f"CAST({countable(ruled.task.column.type, ruled.name)} AS HUGEINT)"
    off = f"({column} - ({rule.start})) % {abs(rule.step)} <> 0"
    return [replace(claim, expected=f"{claim.expected} by {rule.step}", broken=f"{claim.broken} OR {off}")]


def _permuted(ruled: Ruled, rule: PermutedRule) -> Iterable[RowClaim]:
    high = rule.min + ruled.task.last_row - 1 if rule.max is None else rule.max
    return [between(ruled, rule.min, high)]


def _uniform(ruled: Ruled, rule: UniformRule) -> Iterable[RowClaim]:
    logical = ruled.task.column.type
    if logical.kind in COUNTABLE:
        chosen = distinct_range(ruled.task, rule)
        low, high = unit_value(logical, chosen.low), unit_value(logical, chosen.high)
        return [between(ruled, low, high)]
    if logical.kind in _FLOATS:
        return [between(ruled, *float_limits(ruled.task, rule.min or "0", rule.max or str(DEFAULT_TOP)))]
    return []


def _law(ruled: Ruled, rule: Any) -> Iterable[RowClaim]:
    low, high = law_limits(ruled)
    if isinstance(rule, ParetoRule) and not rule.bounds.min and not rule.bounds.max:
        low = _floor(ruled, rule.minimum)
    if low is not None or high is not None:
        yield between(ruled, low, high)
    digits, logical = rule.bounds.decimals, ruled.task.column.type
    if digits is not None and logical.kind is TypeKind.DECIMAL and digits < logical.scale:
        broken = f"round({ruled.quoted}, {digits}) <> {ruled.quoted}"
        yield RowClaim(CheckKind.RANGE, (ruled.name,), f"{digits} digits after the point", broken)


def _floor(ruled: Ruled, value: float) -> Any:
    """Value as the type holds it, rounded down."""
    logical = ruled.task.column.type
    if logical.kind in _FLOATS:
        return value
    return unit_value(logical, units_of(logical, format(Decimal(repr(float(value))), "f"), up=False))


def _zipf(ruled: Ruled, rule: ZipfRule) -> Iterable[RowClaim]:
    kind = ruled.task.column.type.kind
    most = DEFAULT_TOP if kind in _FLOATS else min(DEFAULT_TOP, whole_numbers(ruled.task.column.type)[-1])
    return [between(ruled, 1, rule.ranks or most)]


def _choice(ruled: Ruled, rule: WeightedChoiceRule) -> Iterable[RowClaim]:
    drawn = [each.value for each in rule.choices if each.weight > 0 or ruled.task.distinct or ruled.member]
    return [one_of(ruled, drawn)] if len(drawn) <= _MOST_LISTED else []


def _constant(ruled: Ruled, rule: ConstantRule) -> Iterable[RowClaim]:
    return [one_of(ruled, [rule.value])]


def _hierarchy(ruled: Ruled, rule: HierarchyRule) -> Iterable[RowClaim]:
    values = hierarchy_values(rule)
    return [one_of(ruled, values)] if len(values) <= _MOST_LISTED else []


def _pattern(ruled: Ruled, rule: PatternRule) -> Iterable[RowClaim]:
    yield matching(ruled, rule.expression)


def matching(ruled: Ruled, expression: str) -> RowClaim:
    """Claim of a regular expression."""
    written = spelled(read_pattern(expression))
    broken = f"NOT regexp_full_match({ruled.quoted}, {text_of(written)})"
    return RowClaim(CheckKind.PATTERN, (ruled.name,), expression, broken, patterns=(written,))


def _uuid(ruled: Ruled, _rule: UuidRule) -> Iterable[RowClaim]:
    return [matching(ruled, UUID)] if ruled.task.column.type.kind is TypeKind.UUID else []


def _binary(ruled: Ruled, rule: BinaryRule) -> Iterable[RowClaim]:
    longest = ruled.task.column.type.length
    low, high = min(rule.min_length, longest) if longest else rule.min_length, rule.max_length or longest
    broken = f"octet_length({ruled.quoted}) < {low}" + (f" OR octet_length({ruled.quoted}) > {high}" if high else "")
    return [RowClaim(CheckKind.LENGTH, (ruled.name,), _span(low, high or None) + " bytes", broken)]


def _array(ruled: Ruled, rule: ArrayRule) -> Iterable[RowClaim]:
    low, high = array_lengths(ruled.task, rule)
    if ruled.task.distinct:
        return []
    broken = f"json_array_length({ruled.quoted}) NOT BETWEEN {low} AND {high}"
    return [RowClaim(CheckKind.LENGTH, (ruled.name,), f"{low} to {high} elements", broken)]


def _event_time(ruled: Ruled, rule: EventTimeRule) -> Iterable[RowClaim]:
    first = list(_uniform(ruled, UniformRule(rule.start, rule.end)))
    if ruled.task.last_row <= ruled.task.opening_rows:
        return first
    logical = ruled.task.column.type
    low = unit_value(logical, distinct_range(ruled.task, UniformRule(rule.start, rule.end)).low)
    return [between(ruled, low, None)]


def _mixture(ruled: Ruled, rule: MixtureRule) -> Iterable[RowClaim]:
    """A row breaks a mixture where it breaks every part that has a weight."""
    parts = [rule_claims(replace(ruled, rule=part.rule)) for part in rule.parts if part.weight > 0]
    if not all(parts):
        return []
    broken = " AND ".join(f"({either(claims)})" for claims in parts)
    expected = " or ".join(" and ".join(claim.expected for claim in claims) for claims in parts)
    patterns = tuple(pattern for claims in parts for claim in claims for pattern in claim.patterns)
    return [RowClaim(CheckKind.DOMAIN, (ruled.name,), expected, broken, patterns=patterns)]


def either(claims: Sequence[RowClaim]) -> str:
    """SQL that is true where any claim is broken, and false where none is."""
    return " OR ".join(f"coalesce({claim.broken}, false)" for claim in claims) or "false"


_MAKERS: Final[Mapping[type, Callable[[Ruled, Any], Iterable[RowClaim]]]] = {
    SequenceRule: _sequence,
    PermutedRule: _permuted,
    UniformRule: _uniform,
    **dict.fromkeys((NormalRule, LognormalRule, ExponentialRule, BetaRule, GammaRule, PoissonRule, ParetoRule), _law),
    ZipfRule: _zipf,
    WeightedChoiceRule: _choice,
    ConstantRule: _constant,
    HierarchyRule: _hierarchy,
    PatternRule: _pattern,
    UuidRule: _uuid,
    BinaryRule: _binary,
    ArrayRule: _array,
    EventTimeRule: _event_time,
    MixtureRule: _mixture,
}
