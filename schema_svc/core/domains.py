"""How many distinct values a column can have by its type, bounds and rule; None where nothing is known to limit it."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from schema_svc.core.model import Column, Experiment, LogicalType, Table
from schema_svc.core.rules import PermutedRule, Rule, SequenceRule
from schema_svc.core.values import FLOATS, NoValue, position, whole_numbers
from schema_svc.core.vocabulary import TypeKind

_LETTERS_AND_DIGITS = 36
_PRINTABLE = 95
_LONGEST = 40
_LONGEST_CHAIN = 20
_DAYS = 3_652_059
_MICROSECONDS = 86_400_000_000


class Limit(NamedTuple):
    """The most rows that a table can have, and what limits them."""

    rows: int
    columns: tuple[str, ...]
    path: str
    """Path within the table."""
    reason: str


def limits(table: Table, tables: Mapping[str, Table]) -> list[Limit]:
    """What its keys limit a table to."""
    parts = _Parts.of(table)
    found: dict[tuple[str, ...], Limit] = {}
    for columns, path in _keys(table):
        rows = parts.combinations(columns, tables)
        if rows is not None:
            found.setdefault(columns, Limit(rows, columns, path, parts.reason(columns, rows)))
    return list(found.values())


def lower_rows(experiment: Experiment, keep: Iterable[str]) -> None:
    """Lower the rows of tables to what their keys can have, with a warning; tables to `keep` stay as they are."""
    tables, kept = experiment.tables_by_name(), set(keep)
    for _ in range(_LONGEST_CHAIN):
        changed = False
        for table in experiment.tables:
            least = min(limits(table, tables), default=None, key=lambda limit: limit.rows)
            if least and table.name not in kept and least.rows < (table.target_rows or 0):
                table.target_rows, changed = least.rows, True
                table.warnings.append(f"Table '{table.name}' is given {least.rows} rows: {least.reason}.")
        if not changed:
            return


def _keys(table: Table) -> Iterable[tuple[tuple[str, ...], str]]:
    for c, column in enumerate(table.columns):
        if column.is_unique:
            yield (column.name,), f"columns[{c}].is_unique"
    if table.primary_key:
        yield tuple(table.primary_key), "primary_key"
    for field, keys in (("unique_keys", table.unique_keys), ("composite_keys", table.composite_keys)):
        for k, key in enumerate(keys):
            if key.columns:
                yield tuple(key.columns), f"{field}[{k}].columns"


class _Parts(NamedTuple):
    """A table's columns by name, and the foreign keys that each is in."""

    name: str
    columns: Mapping[str, Column]
    references: Mapping[str, tuple[frozenset[str], str]]

    @classmethod
    def of(cls, table: Table) -> "_Parts":
        references: dict[str, tuple[frozenset[str], str]] = {}
        for key in table.foreign_keys:
            references |= dict.fromkeys(key.columns, (frozenset(key.columns), key.references_table))
        for column in table.columns:
            if column.foreign_key:
                references[column.name] = frozenset({column.name}), column.foreign_key.references_table
        return cls(table.name, {column.name: column for column in table.columns}, references)

    def combinations(self, columns: tuple[str, ...], tables: Mapping[str, Table]) -> int | None:
        """Values of a key: a parent's rows for each foreign key in it, the column's own values for the others."""
        left, product = list(dict.fromkeys(columns)), 1
        while left:
            name = left.pop()
            if name in self.references:
                together, parent = self.references[name]
                if parent == self.name or parent not in tables:
                    return None
                left = [other for other in left if other not in together]
                product *= tables[parent].target_rows or 0
                continue
            domain = column_domain(self.columns[name]) if name in self.columns else None
            if domain is None:
                return None
            product *= domain
        return product

    def reason(self, columns: tuple[str, ...], rows: int) -> str:
        """Why there are no more."""
        whose = "its parents have" if any(name in self.references for name in columns) else "there are"
        known = (self.columns[name] for name in columns if name in self.columns)
        types = ", ".join(f"{column.name} {column.data_type}" for column in known)
        return f"{types} must be unique, and {whose} no more than {rows}"


def column_domain(column: Column) -> int | None:
    """Number of values of one column."""
    logical = column.logical_type
    if logical is None:
        return None
    known = [size for size in (_of_rule(column.rule, logical), _of_bounds(column, logical)) if size is not None]
    of_type = _of_type(logical, described=bool(known) or column.rule is not None or bool(column.faker_rule))
    return min([*known, *([of_type] if of_type is not None else [])], default=None)


def _of_rule(rule: Rule | None, logical: LogicalType) -> int | None:
    if rule is None:
        return None
    if rule.weighted_choice:
        return len({choice.value for choice in rule.weighted_choice.choices})
    if rule.constant:
        return 1
    if rule.boolean:
        return 2
    if rule.uniform:
        return _between(logical, rule.uniform.min, rule.uniform.max)
    whole = whole_numbers(logical)
    if whole is None:
        return None
    if rule.permuted:
        return _permuted(rule.permuted, whole)
    return _counted(rule.sequence, whole) if rule.sequence else None


def _permuted(rule: PermutedRule, whole: range) -> int:
    low = 1 if rule.min is None else rule.min
    high = whole[-1] if rule.max is None else rule.max
    return max(high - low + 1, 0)


def _counted(rule: SequenceRule, whole: range) -> int:
    start, step = 1 if rule.start is None else rule.start, rule.step or 1
    room = whole[-1] - start if step > 0 else start - whole[0]
    return max(room // abs(step) + 1, 0)


def _of_bounds(column: Column, logical: LogicalType) -> int | None:
    if column.rule:
        return None
    if column.date_start or column.date_end:
        return _between(logical, column.date_start, column.date_end)
    low, high = column.min_value, column.max_value
    if low is None and high is None:
        return None
    if logical.kind in FLOATS:
        return 1 if low == high else None
    whole = whole_numbers(logical)
    if whole is None or logical.kind is TypeKind.STRING:
        return None
    one = int(10**logical.scale)
    first = math.ceil(low * one) if low is not None else (one if high is not None and high >= 1 else whole[0] * one)
    last = math.floor(high * one) if high is not None else (whole[-1] + 1) * one - 1
    return max(last - first + 1, 0)


def _between(logical: LogicalType, low: str, high: str) -> int | None:
    """Values between two bounds that are both given."""
    if not low or not high:
        return None
    try:
        first, last = position(logical, low), position(logical, high)
    except NoValue:
        return None
    if logical.kind is TypeKind.DATE and isinstance(first, dt.datetime) and isinstance(last, dt.datetime):
        return max((last - first).days + 1, 0)
    counts = whole_numbers(logical) is not None and logical.kind is not TypeKind.STRING
    if counts and isinstance(first, Decimal) and isinstance(last, Decimal):
        one = int(10**logical.scale)
        return max(math.floor(last * one) - math.ceil(first * one) + 1, 0)
    return None


def _of_type(logical: LogicalType, *, described: bool) -> int | None:
    """Values of a type: without a description whole numbers count from 1, and text has letters and digits."""
    match logical.kind:
        case TypeKind.BOOLEAN:
            return 2
        case TypeKind.DATE:
            return _DAYS
        case TypeKind.TIME:
            return _MICROSECONDS
        case TypeKind.STRING if logical.length:
            signs = _PRINTABLE if described else _LETTERS_AND_DIGITS
            return int(signs ** min(logical.length, _LONGEST))
        case TypeKind.INT16 | TypeKind.INT32 | TypeKind.INT64:
            whole = whole_numbers(logical) or range(0)
            return len(whole) if described and logical.kind is not TypeKind.INT64 else whole[-1]
        case TypeKind.DECIMAL:
            return int(2 * 10**logical.precision - 1) if described else int(10**logical.precision)
        case _:
            return None
