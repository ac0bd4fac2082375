"""All that one table of a run promises."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NoReturn

from generator_svc.core.dependencies import column_needs
from generator_svc.core.dependent_columns import DEPENDENT
from generator_svc.core.keys import TableKeys
from generator_svc.core.origin import Origin
from generator_svc.core.primitives import Rows
from generator_svc.core.rules import MixtureRule
from generator_svc.core.segment_context import SegmentContext
from generator_svc.core.spec import ColumnSpec, FanOut, ForeignKeySpec, Segment, TypeKind
from generator_svc.core.units import type_range
from generator_svc.quality.claims import (
    Claim,
    CorrelationClaim,
    FanOutClaim,
    KeyClaim,
    LawClaim,
    NullClaim,
    ReferenceClaim,
    RowClaim,
)
from generator_svc.quality.dependent_claims import claims_of
from generator_svc.quality.law_claims import law_claim
from generator_svc.quality.report import CheckKind
from generator_svc.quality.rule_claims import Ruled
from generator_svc.quality.sql import as_number, literal, quoted, unit_value

_JSON: Final = frozenset({TypeKind.JSON, TypeKind.ARRAY, TypeKind.VECTOR})


def table_claims(keys: TableKeys, segments: Sequence[Segment], origin: Origin) -> Iterator[Claim]:
    """Claims of the rows of a table's last segment, and of its keys over all its rows."""
    return _TableClaims(SegmentContext(keys, segments, origin), len(segments) - 1).all()


def no_cells(table: str, columns: Sequence[str], rows: Rows) -> NoReturn:
    """Refuse to make cells: claims are made of rules alone."""
    raise AssertionError(f"claims of {table}.{', '.join(columns)} asked for {len(rows)} cells")


class _TableClaims:
    def __init__(self, context: SegmentContext, number: int) -> None:
        self._context, self._number, self._keys = context, number, context.keys
        arranged = context.arrangement
        self._ordinals = {name for cluster in arranged.clusters for name in cluster.ordinals}
        combined = [each.columns for cluster in arranged.clusters for each in cluster.combinations]
        self._members = {name for group in (*arranged.products, *combined) for name in group}

    def all(self) -> Iterator[Claim]:
        """Every claim, keys first."""
        yield from map(KeyClaim, self._unique())
        yield from map(ReferenceClaim, self._keys.table.foreign_keys)
        yield from self._fan_outs()
        for column in self._keys.table.columns:
            yield from self._column(column)
        yield from self._correlations()

    def _unique(self) -> Iterable[tuple[str, ...]]:
        table = self._keys.table
        declared = [table.primary_key, *table.composite_keys, *table.unique_keys]
        declared += [(column.name,) for column in table.columns if column.is_unique]
        return dict.fromkeys(key for key in declared if key)

    def _fan_outs(self) -> Iterator[FanOutClaim]:
        """Promises of a first segment: later ones spread over the parents that are new."""
        segment = self._context.segments[self._number]
        for key in self._keys.references:
            foreign = key.parent_table != self._context.name and not self._keys.is_distinct(key)
            if not isinstance(key.choice, FanOut) or segment.first_row or not foreign or not self._leads(key):
                continue
            whole = not self._keys.null_fraction(self._keys.column(key.columns[0]))
            yield FanOutClaim(key, key.choice.min if whole else 0, key.choice.max, segment.rows if whole else None)

    def _leads(self, key: ForeignKeySpec) -> bool:
        """Whether a foreign key is no second member of a key that another one leads."""
        clusters = self._context.arrangement.clusters
        return not any(key in each.references for cluster in clusters for each in cluster.combinations)

    def _column(self, column: ColumnSpec) -> Iterator[Claim]:
        if column.name in self._keys.never_null:
            yield RowClaim(CheckKind.NOT_NULL, (column.name,), "no NULL", f"{quoted(column.name)} IS NULL")
        yield from _type_claims(column)
        if self._keys.reference_of(column.name):
            yield from self._key_nulls(column)
        elif column.name in self._ordinals:
            yield RowClaim(CheckKind.RANGE, (column.name,), "at least 1", f"{quoted(column.name)} < 1")
        else:
            yield from self._ruled(column)

    def _ruled(self, column: ColumnSpec) -> Iterator[Claim]:
        context, name = self._context, column.name
        member = name in self._members
        ruled = Ruled(context.task(name, self._number), context.rule(name, member=member), member)
        yield from claims_of(context, ruled)
        if not isinstance(ruled.rule, DEPENDENT):
            if claim := law_claim(ruled):
                yield claim
            yield from self._nulls(column, "true")
        elif name not in self._keys.never_null and all(need.key is None for need in column_needs(self._keys, column)):
            yield from self._dependent_nulls(column)

    def _dependent_nulls(self, column: ColumnSpec) -> Iterator[NullClaim]:
        """NULLs of a column whose rule gives NULL only where one of its sources has none."""
        rule = type(column.rule).__name__
        if rule in {"OffsetRule", "TemplateRule"}:
            sources = [need.column for need in column_needs(self._keys, column)]
            yield from self._nulls(column, " AND ".join(f"{quoted(name)} IS NOT NULL" for name in sources) or "true")

    def _key_nulls(self, column: ColumnSpec) -> Iterator[NullClaim]:
        key = self._keys.reference_of(column.name)
        assert key is not None
        if key.parent_table != self._context.name and self._context.parent_rows(key, self._number):
            yield from self._nulls(column, "true")

    def _nulls(self, column: ColumnSpec, population: str) -> Iterator[NullClaim]:
        if column.name not in self._keys.never_null and not isinstance(column.rule, MixtureRule):
            yield NullClaim(column.name, self._keys.null_fraction(column), population)

    def _correlations(self) -> Iterator[CorrelationClaim]:
        """Pairs of columns whose values have no ties to speak of: only those keep a rank correlation."""
        smooth = {c.name: c.type for c in self._keys.table.columns if self._is_smooth(c)}
        for group in self._keys.table.correlations:
            size = len(group.columns)
            for i, first in enumerate(group.columns):
                for j, second in enumerate(group.columns[:i]):
                    if first in smooth and second in smooth:
                        values = (as_number(smooth[first], first), as_number(smooth[second], second))
                        yield CorrelationClaim((first, second), values, group.rank_correlations[i * size + j])

    def _is_smooth(self, column: ColumnSpec) -> bool:
        if column.rule is None or column.name in self._members | self._context.distinct:
            return False
        claim = law_claim(Ruled(self._context.task(column.name, self._number), column.rule))
        steps = isinstance(claim, LawClaim) and claim.law.grain
        kinds = {TypeKind.FLOAT32, TypeKind.FLOAT64, TypeKind.DECIMAL}
        return isinstance(claim, LawClaim) and column.type.kind in kinds and (not steps or _is_fine(claim))


def _is_fine(claim: LawClaim) -> bool:
    law = claim.law
    return law.grain < 1.0 and law.high - law.low > 1000 * law.grain


def _type_claims(column: ColumnSpec) -> Iterator[RowClaim]:
    """What a type promises of its values."""
    logical, name = column.type, quoted(column.name)
    if logical.kind is TypeKind.STRING and logical.length:
        expected = f"at most {logical.length} characters"
        yield RowClaim(CheckKind.LENGTH, (column.name,), expected, f"length({name}) > {logical.length}")
    if logical.kind is TypeKind.BINARY and logical.length:
        expected = f"at most {logical.length} bytes"
        yield RowClaim(CheckKind.LENGTH, (column.name,), expected, f"octet_length({name}) > {logical.length}")
    if logical.kind is TypeKind.DECIMAL:
        whole = type_range(logical)
        low, high = (literal(unit_value(logical, units)) for units in (whole.low, whole.high))
        expected = f"at most {logical.precision} digits"
        yield RowClaim(CheckKind.LENGTH, (column.name,), expected, f"{name} < {low} OR {name} > {high}")
    if logical.kind in _JSON:
        yield RowClaim(CheckKind.PATTERN, (column.name,), "JSON", f"NOT json_valid({name})")


def origin_of(tables: Mapping[str, TableKeys], seed: int, as_of: str) -> Origin:
    """Facts of a run, without its cells."""
    return Origin(seed, dt.date.fromisoformat(as_of), {name: keys.table for name, keys in tables.items()}, no_cells)
