"""From claims to results: what the staged rows say of every promise of their tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from generator_svc.core.keys import TableKeys, resolve_keys
from generator_svc.core.spec import Segment, TableSpec
from generator_svc.quality.claims import Claim, NoClaim, RowClaim
from generator_svc.quality.database import Database, StagedTable
from generator_svc.quality.key_checks import SAMPLES, KeyChecks, joined_source, sample
from generator_svc.quality.law_checks import LawChecks
from generator_svc.quality.report import CheckKind, CheckResult, Report, TableReport
from generator_svc.quality.sql import listed
from generator_svc.quality.table_claims import origin_of, table_claims

LEVEL: Final = 1e-4
"""Chance that data which hold every promise fail a statistical check; all such checks of a run share it."""
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: an experiment's tables, the segments and rows of a run, and its files."""

    tables: Sequence[TableSpec]
    segments: Mapping[str, Sequence[Segment]]
    seed: int
    as_of: str
    rows: Mapping[str, int]
    staged: Mapping[str, StagedTable]


class Checker:
    """Checks one run; `interrupt` stops it from another thread."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._database = Database(subject.staged)

    def interrupt(self) -> None:
        """Let `report` raise Interrupted soon."""
        self._database.interrupt()

    def report(self) -> Report:
        """Check all tables of the run; the checker is of no use afterwards."""
        try:
            self._database.read(self._subject.tables)
            keys = resolve_keys(self._subject.tables)
            return _judged([self._table(name, keys) for name in self._subject.rows])
        finally:
            self._database.close()

    def _table(self, name: str, keys: Mapping[str, TableKeys]) -> TableReport:
        origin = origin_of(keys, self._subject.seed, self._subject.as_of)
        claims = list(table_claims(keys[name], self._subject.segments[name], origin))
        expected = self._subject.rows[name]
        (rows,) = self._database.row(f"SELECT count(*) FROM {self._database.own(name)}")  # noqa: S608 quoted name
        results = [_row_count(rows, expected)]
        key_checks, law_checks = KeyChecks(self._database, name, rows), LawChecks(self._database, name)
        results += [
            key_checks.check(claim) or law_checks.check(claim) or _unchecked(claim)
            for claim in claims
            if not isinstance(claim, RowClaim)
        ]
        results += self._rows(name, [claim for claim in claims if isinstance(claim, RowClaim)], rows)
        return TableReport(name, rows, expected, tuple(results))

    def _rows(self, table: str, claims: Sequence[RowClaim], rows: int) -> Iterator[CheckResult]:
        alone = []
        for claim in claims:
            if why := self._obstacle(claim):
                yield CheckResult(claim.kind, claim.columns, claim.expected, "", passed=True, skipped=why)
            elif claim.joins:
                yield from self._counted(table, [claim], rows)
            else:
                alone.append(claim)
        for first in range(0, len(alone), _AT_ONCE):
            yield from self._counted(table, alone[first : first + _AT_ONCE], rows)

    def _obstacle(self, claim: RowClaim) -> str:
        """Why a claim cannot be checked here."""
        for join in claim.joins:
            if not self._database.is_whole(join.key.parent_table):
                return f"not all files of {join.key.parent_table} are staged"
        if not all(self._database.understands(pattern) for pattern in claim.patterns):
            return "the expression is beyond the checker's"
        return ""

    def _counted(self, table: str, claims: Sequence[RowClaim], rows: int) -> Iterator[CheckResult]:
        """Count the rows that break each claim, in one pass; where SQL fails on some row, one by one."""
        source = joined_source(self._database, table, claims[0].joins)
        counts = ", ".join(f"count(*) FILTER (WHERE {claim.broken})" for claim in claims)
        try:
            found = self._database.row(f"SELECT {counts} FROM {source}")  # noqa: S608 quoted names and literals
        except duckdb.Error as error:
            if len(claims) > 1:
                for claim in claims:
                    yield from self._counted(table, [claim], rows)
                return
            yield _failed(claims[0], rows, str(error))
            return
        for claim, broken in zip(claims, found, strict=True):
            yield self._row_result(claim, source, rows, broken)

    def _row_result(self, claim: RowClaim, source: str, rows: int, broken: int) -> CheckResult:
        samples: tuple[str, ...] = ()
        if broken:
            query = f"SELECT {listed(claim.columns)} FROM {source} WHERE {claim.broken} LIMIT {SAMPLES}"  # noqa: S608
            samples = sample(self._database, query)
        found = f"{broken:,} of {rows:,} rows are not" if broken else f"all of {rows:,} rows"
        return CheckResult(claim.kind, claim.columns, claim.expected, found, not broken, rows, broken, samples)


def _row_count(rows: int, expected: int) -> CheckResult:
    wrong = abs(rows - expected)
    return CheckResult(
        CheckKind.ROW_COUNT, (), f"{expected:,} rows", f"{rows:,} rows", not wrong, max(rows, expected), wrong
    )


def _unchecked(claim: Claim) -> CheckResult:
    assert isinstance(claim, NoClaim), claim
    return CheckResult(claim.kind, claim.columns, claim.expected, "", passed=True, skipped=claim.why)


def _failed(claim: RowClaim, rows: int, why: str) -> CheckResult:
    return CheckResult(claim.kind, claim.columns, claim.expected, why.splitlines()[0], False, rows, 1)


def _judged(tables: Sequence[TableReport]) -> Report:
    """Judge the statistical checks against the level that they share."""
    tests = sum(check.p_value is not None for table in tables for check in table.checks)
    level = LEVEL / max(tests, 1)

    def judged(check: CheckResult) -> CheckResult:
        return check if check.p_value is None else replace(check, passed=check.p_value >= level)

    return Report(tuple(replace(table, checks=tuple(map(judged, table.checks))) for table in tables))
