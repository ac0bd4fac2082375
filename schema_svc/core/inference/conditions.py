"""CHECK conditions -> how a column's cells are made: bounds, first and last dates, choices.

Read are comparisons of a column with a literal, BETWEEN, IN lists (and `= ANY (ARRAY[…])`), and the AND of them; what
else a condition demands stays text. Nothing that the user stated is changed; what is derived is marked inferred.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import sqlglot
from sqlglot import exp

from schema_svc.core.model import Column, Table
from schema_svc.core.names import fold
from schema_svc.core.rules import Choice, Rule, WeightedChoiceRule
from schema_svc.core.values import INTEGER_BITS, MOMENTS, NUMERIC
from schema_svc.core.vocabulary import Dialect, TypeKind

LONGEST_CONDITION = 4_000
MOST_CHOICES = 1_000
_DIALECTS = {Dialect.REDSHIFT: "redshift", Dialect.SNOWFLAKE: "snowflake"}
_REAL_STEP = Decimal("0.000001")


@dataclass
class Domain:
    """What the conditions of a table say of one column."""

    low: list[tuple[str, bool]] = field(default_factory=list)
    """Lower bounds as written, and whether the bound itself is allowed."""
    high: list[tuple[str, bool]] = field(default_factory=list)
    choices: list[list[str]] = field(default_factory=list)

    def add(self, other: "Domain") -> None:
        """Keep what another condition says too."""
        self.low += other.low
        self.high += other.high
        self.choices += other.choices


def bound_by_checks(table: Table, dialect: Dialect) -> list[str]:
    """Let the columns of a normalised table keep what its checks say of them; answer the checks that stay text."""
    domains: dict[str, Domain] = {}
    named = {condition: _named_columns(condition, domains, dialect) for condition in table.checks}
    grouped = {name for key in (*table.unique_keys, *table.composite_keys) for name in key.columns}
    kept = set()
    for column in table.columns:
        if (domain := domains.get(column.name)) and _is_free(column):
            column.inferred = _apply(domain, column, distinct=column.is_unique or column.name in grouped)
            kept |= {column.name} if column.inferred else set()
    return [condition for condition, columns in named.items() if not columns or columns - kept]


def _named_columns(condition: str, domains: dict[str, Domain], dialect: Dialect) -> set[str]:
    """Add what a condition says to `domains`; answer the columns that it is about, none where a part says nothing."""
    columns: set[str] = set()
    whole = True
    for part in _parts(condition, dialect):
        said: dict[str, Domain] = {}
        _read(part, said, dialect)
        for name, domain in said.items():
            domains.setdefault(name, Domain()).add(domain)
        columns |= set(said)
        whole = whole and bool(said)
    return columns if whole else set()


def _is_free(column: Column) -> bool:
    """True where nothing says yet how the cells are made."""
    stated = (column.rule, column.foreign_key, column.distribution, column.min_value, column.max_value)
    return all(part is None for part in stated) and not (column.faker_rule or column.date_start or column.date_end)


def _parts(condition: str, dialect: Dialect) -> Iterator[exp.Expr]:
    """The conditions that all hold; none where the text cannot be read."""
    if len(condition) > LONGEST_CONDITION:
        return
    try:
        tree = sqlglot.parse_one(condition, read=_DIALECTS.get(dialect, "postgres"), into=exp.Condition)
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
        return
    waiting: list[exp.Expr] = [tree]
    while waiting:
        part = waiting.pop().unnest()
        if isinstance(part, exp.And):
            waiting += [part.right, part.left]
        else:
            yield part


def _read(part: exp.Expr, domains: dict[str, Domain], dialect: Dialect) -> None:
    match part:
        case exp.Or():
            _read_or(part, domains, dialect)
        case exp.Between():
            _compare(part.this, part.args["low"], domains, dialect, low=True)
            _compare(part.this, part.args["high"], domains, dialect, low=False)
        case exp.In():
            _choose(part.this, part.expressions, domains, dialect)
        case exp.EQ() if isinstance(part.right.unnest(), exp.Any):
            _choose(part.left, _listed(part.right.unnest().this), domains, dialect)
        case exp.EQ():
            _choose(part.left, [part.right], domains, dialect)
        case exp.GT() | exp.GTE() | exp.LT() | exp.LTE():
            strict = isinstance(part, exp.GT | exp.LT)
            above = isinstance(part, exp.GT | exp.GTE)
            _compare(part.left, part.right, domains, dialect, low=above, strict=strict)
            _compare(part.right, part.left, domains, dialect, low=not above, strict=strict)


def _read_or(part: exp.Or, domains: dict[str, Domain], dialect: Dialect) -> None:
    """`a IS NULL OR …` is the rest; `a = 1 OR a = 2` is a list."""
    branches = [branch.unnest() for branch in part.flatten()]
    branches = [b for b in branches if not (isinstance(b, exp.Is) and isinstance(b.expression, exp.Null))]
    if len(branches) == 1:
        _read(branches[0], domains, dialect)
        return
    equal = [branch for branch in branches if isinstance(branch, exp.EQ)]
    if len(equal) == len(branches) and len({_column(branch.left, dialect) for branch in equal}) == 1:
        _choose(equal[0].left, [branch.right for branch in equal], domains, dialect)


def _compare(
    left: exp.Expr,
    right: exp.Expr,
    domains: dict[str, Domain],
    dialect: Dialect,
    *,
    low: bool,
    strict: bool = False,
) -> None:
    name, value = _column(left, dialect, wrapped=False), _literal(right)
    if name and value is not None:
        domain = domains.setdefault(name, Domain())
        (domain.low if low else domain.high).append((value, not strict))


def _choose(left: exp.Expr, listed: list[exp.Expr], domains: dict[str, Domain], dialect: Dialect) -> None:
    name, values = _column(left, dialect), [_literal(item) for item in listed]
    if name and values and len(values) <= MOST_CHOICES and all(value is not None for value in values):
        domains.setdefault(name, Domain()).choices.append([value for value in values if value is not None])


def _listed(array: exp.Expr) -> list[exp.Expr]:
    while isinstance(array, exp.Paren | exp.Cast):
        array = array.this
    return list(array.expressions) if isinstance(array, exp.Array) else []


def _column(side: exp.Expr, dialect: Dialect, *, wrapped: bool = True) -> str:
    """Name of the column that a side is, perhaps cast (or in UPPER or LOWER); empty if it is none."""
    through: tuple[type[exp.Expr], ...] = (exp.Paren, exp.Cast)
    through = (*through, exp.Upper, exp.Lower) if wrapped else through
    while isinstance(side, through):
        side = side.this
    if not isinstance(side, exp.Column) or side.table:
        return ""
    return fold(side.name, dialect, quoted=bool(side.this.args.get("quoted")))


def _literal(side: exp.Expr) -> str | None:
    """Text of a literal, perhaps cast or negative; None if it is none."""
    while isinstance(side, exp.Paren | exp.Cast):
        side = side.this
    if isinstance(side, exp.Neg) and isinstance(side.this, exp.Literal):
        return f"-{side.this.name}"
    return side.name if isinstance(side, exp.Literal) else None


def _apply(domain: Domain, column: Column, *, distinct: bool) -> bool:
    """Set what the domain says; True if anything was set. Distinct columns keep room: no choices, no upper bound."""
    kind = column.logical_type.kind if column.logical_type else TypeKind.KIND_UNSPECIFIED
    if domain.choices and not distinct:
        return _apply_choices(domain, column, kind)
    if kind in MOMENTS:
        return _apply_dates(domain, column, distinct=distinct)
    if kind in NUMERIC:
        return _apply_numbers(domain, column, distinct=distinct)
    return False


def _apply_choices(domain: Domain, column: Column, kind: TypeKind) -> bool:
    first, *others = domain.choices
    values = [value for value in dict.fromkeys(first) if all(value in other for other in others)]
    length = column.logical_type.length if column.logical_type else 0
    if kind is TypeKind.STRING:
        values = [value for value in values if not length or len(value) <= length]
    elif kind in NUMERIC:
        values = [value for value in values if _number(value) is not None]
    else:
        return False
    if values:
        column.rule = Rule(weighted_choice=WeightedChoiceRule(choices=[Choice(value=value) for value in values]))
    return bool(values)


def _apply_numbers(domain: Domain, column: Column, *, distinct: bool) -> bool:
    step, greatest = _step_and_greatest(column)
    lows = [(number if allowed else number + step) for number, allowed in _numbers(domain.low)]
    highs = [(number if allowed else number - step) for number, allowed in _numbers(domain.high)]
    low, high = max(lows, default=None), min(highs, default=None)
    if low is not None and high is not None and low > high:
        return False
    low = low if low is not None and low.copy_abs() <= greatest else None
    high = high if high is not None and high.copy_abs() <= greatest and not distinct else None
    column.min_value = float(low) if low is not None else None
    column.max_value = float(high) if high is not None else None
    return low is not None or high is not None


def _step_and_greatest(column: Column) -> tuple[Decimal, Decimal]:
    """Distance of neighbouring values of a type, and its greatest value."""
    logical = column.logical_type
    if logical and logical.kind in INTEGER_BITS:
        return Decimal(1), Decimal((1 << (INTEGER_BITS[logical.kind] - 1)) - 1)
    if logical and logical.kind is TypeKind.DECIMAL:
        step = Decimal(1).scaleb(-logical.scale)
        return step, Decimal(10) ** (logical.precision - logical.scale) - step
    return _REAL_STEP, Decimal("1e38")


def _numbers(bounds: list[tuple[str, bool]]) -> Iterator[tuple[Decimal, bool]]:
    for text, allowed in bounds:
        if (number := _number(text)) is not None:
            yield number, allowed


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _apply_dates(domain: Domain, column: Column, *, distinct: bool) -> bool:
    lows = [(day if allowed else day + _after(column)) for day, allowed in _days(domain.low)]
    highs = [(day if allowed else day - _after(column)) for day, allowed in _days(domain.high)]
    low, high = max(lows, default=None), min(highs, default=None)
    if low and high and low > high:
        return False
    high = None if distinct else high
    column.date_start = _moment(low) if low else ""
    column.date_end = _moment(high) if high else ""
    return bool(low or high)


def _after(column: Column) -> dt.timedelta:
    is_day = column.logical_type is not None and column.logical_type.kind is TypeKind.DATE
    return dt.timedelta(days=1) if is_day else dt.timedelta(seconds=1)


def _days(bounds: list[tuple[str, bool]]) -> Iterator[tuple[dt.datetime, bool]]:
    for text, allowed in bounds:
        try:
            moment = dt.datetime.fromisoformat(text.strip())
        except ValueError:
            continue
        if dt.MINYEAR < moment.year < dt.MAXYEAR:
            yield moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment, allowed


def _moment(moment: dt.datetime) -> str:
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat()
