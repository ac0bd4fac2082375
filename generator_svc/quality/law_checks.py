"""Shares, laws and correlations: how far the values are from what was promised, and how likely that is."""

import math
from typing import Final

import numpy as np

from generator_svc.quality.claims import Claim, CorrelationClaim, LawClaim, NullClaim, SharesClaim
from generator_svc.quality.database import Database
from generator_svc.quality.report import CheckKind, CheckResult
from generator_svc.quality.sql import quoted
from generator_svc.quality.statistics import law_p_value, rank_correlation, share_p_value, shares_p_value

_SAMPLED: Final = 100_000
_TOLERANCE: Final = 0.02
_NOISE: Final = 5.0
_LEAST_PAIRS: Final = 100
_TOP: Final = 12


class LawChecks:
    """Statistical checks of one table; who judges them knows how many there are."""

    def __init__(self, database: Database, table: str) -> None:
        self._database, self._source = database, database.own(table)

    def check(self, claim: Claim) -> CheckResult | None:
        """Result of a statistical claim; one with a p-value is still to be judged."""
        match claim:
            case NullClaim():
                return self._nulls(claim)
            case LawClaim():
                return self._law(claim)
            case SharesClaim():
                return self._shares(claim)
            case CorrelationClaim():
                return self._correlation(claim)
            case _:
                return None

    def _nulls(self, claim: NullClaim) -> CheckResult:
        column = quoted(claim.column)
        rows, nulls = self._database.row(
            f"SELECT count(*), count(*) FILTER (WHERE {column} IS NULL) FROM {self._source} WHERE {claim.population}"  # noqa: S608
        )
        found = f"{nulls / rows:.4g} of {rows:,} rows" if rows else "no rows"
        expected, columns = f"{claim.fraction:.4g} NULL", (claim.column,)
        if not 0.0 < claim.fraction < 1.0:
            wrong = nulls if claim.fraction == 0.0 else rows - nulls
            return CheckResult(CheckKind.NULL_FRACTION, columns, expected, found, not wrong, rows, wrong)
        p_value = share_p_value(nulls, rows, claim.fraction) if rows else None
        return CheckResult(CheckKind.NULL_FRACTION, columns, expected, found, passed=True, p_value=p_value)

    def _law(self, claim: LawClaim) -> CheckResult:
        given = f"SELECT {claim.value} AS v FROM {self._source} WHERE {quoted(claim.column)} IS NOT NULL"  # noqa: S608
        query = f"SELECT v FROM ({given}) AS g USING SAMPLE reservoir({_SAMPLED} ROWS) REPEATABLE (1)"  # noqa: S608
        values = np.ma.filled(np.ma.asarray(self._database.columns(query)["v"], dtype=np.float64), np.nan)
        if not len(values):
            return _empty(CheckKind.DISTRIBUTION, claim.column, claim.expected)
        strange = int(np.sum(~np.isfinite(values)))
        p_value = 0.0 if strange else law_p_value(values, claim.law)
        found = f"{strange:,} values are no numbers" if strange else f"p = {p_value:.3g} of {len(values):,} values"
        return CheckResult(CheckKind.DISTRIBUTION, (claim.column,), claim.expected, found, passed=True, p_value=p_value)

    def _shares(self, claim: SharesClaim) -> CheckResult:
        expected = ", ".join(f"{value} {share:.4g}" for value, share in list(claim.shares.items())[:_TOP])
        query = (
            f"SELECT {claim.value}, count(*) FROM {self._source} WHERE {quoted(claim.column)} IS NOT NULL "  # noqa: S608
            f"GROUP BY 1 ORDER BY 2 DESC LIMIT {len(claim.shares) + 1}"
        )
        counts = {str(value): int(count) for value, count in self._database.rows(query)}
        if not counts:
            return _empty(CheckKind.DISTRIBUTION, claim.column, expected)
        rows, p_value = sum(counts.values()), shares_p_value(counts, claim.shares)
        found = ", ".join(f"{value} {count / rows:.4g}" for value, count in list(counts.items())[:_TOP])
        skipped = "too few rows" if p_value is None else ""
        return CheckResult(
            CheckKind.DISTRIBUTION, (claim.column,), expected, found, passed=True, p_value=p_value, skipped=skipped
        )

    def _correlation(self, claim: CorrelationClaim) -> CheckResult:
        first, second = claim.values
        given = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in claim.columns)
        pairs = f"SELECT {first} AS a, {second} AS b FROM {self._source} WHERE {given}"  # noqa: S608
        query = f"SELECT a, b FROM ({pairs}) AS g USING SAMPLE reservoir({_SAMPLED} ROWS) REPEATABLE (1)"  # noqa: S608
        found = self._database.columns(query)
        count, wanted = len(found["a"]), claim.rank_correlation
        expected = f"rank correlation {wanted:.3g}"
        if count < _LEAST_PAIRS:
            return CheckResult(
                CheckKind.CORRELATION, claim.columns, expected, "", passed=True, skipped=f"only {count} pairs"
            )
        measured = rank_correlation(np.asarray(found["a"]), np.asarray(found["b"]))
        passed = abs(measured - wanted) <= _TOLERANCE + _NOISE / math.sqrt(count)
        return CheckResult(CheckKind.CORRELATION, claim.columns, expected, f"{measured:.3g} of {count:,} pairs", passed)


def _empty(kind: CheckKind, column: str, expected: str) -> CheckResult:
    return CheckResult(kind, (column,), expected, "", passed=True, skipped="no values")
