"""Keys, references and children per parent."""

from collections.abc import Sequence
from typing import Final

from generator_svc.core.spec import ForeignKeySpec
from generator_svc.quality.claims import Claim, FanOutClaim, Join, KeyClaim, ReferenceClaim
from generator_svc.quality.database import Database
from generator_svc.quality.report import CheckKind, CheckResult
from generator_svc.quality.sql import listed, quoted

SAMPLES: Final = 5
_LONGEST: Final = 80


class KeyChecks:
    """Checks of the keys of one table."""

    def __init__(self, database: Database, table: str, rows: int) -> None:
        self._database, self._table, self._rows = database, table, rows

    def check(self, claim: Claim) -> CheckResult | None:
        """Result of a claim about keys."""
        match claim:
            case KeyClaim():
                return self._unique(claim)
            case ReferenceClaim():
                return self._reference(claim)
            case FanOutClaim():
                return self._fan_out(claim)
            case _:
                return None

    def _unique(self, claim: KeyClaim) -> CheckResult:
        names, source = listed(claim.columns), self._database.whole(self._table)
        given = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in claim.columns)
        groups = f"SELECT {names}, count(*) AS n FROM {source} WHERE {given} GROUP BY {names} HAVING count(*) > 1"  # noqa: S608
        found = self._database.row(f"SELECT coalesce(sum(n - 1), 0)::BIGINT FROM ({groups}) AS g")  # noqa: S608
        twice: int = found[0]
        samples = sample(self._database, f"SELECT {names} FROM ({groups}) AS g LIMIT {SAMPLES}") if twice else ()  # noqa: S608
        text = f"{twice:,} duplicates" if twice else "all distinct"
        if not self._database.is_whole(self._table):
            text += ", rows of earlier runs aside: their files are gone"
        return CheckResult(CheckKind.UNIQUE, claim.columns, "distinct", text, not twice, self._rows, twice, samples)

    def _reference(self, claim: ReferenceClaim) -> CheckResult:
        key = claim.key
        expected = f"in {key.parent_table} ({', '.join(key.parent_columns)})"
        if why := self._missing(key):
            return CheckResult(CheckKind.REFERENCE, key.columns, expected, "", passed=True, skipped=why)
        some = " OR ".join(f"c.{quoted(name)} IS NOT NULL" for name in key.columns)
        equal = " AND ".join(
            f"p.{quoted(parent)} = c.{quoted(child)}"
            for child, parent in zip(key.columns, key.parent_columns, strict=True)
        )
        parents = f"SELECT 1 FROM {self._database.whole(key.parent_table)} AS p WHERE {equal}"  # noqa: S608
        orphans = f"FROM {self._database.own(self._table)} AS c WHERE ({some}) AND NOT EXISTS ({parents})"
        (count,) = self._database.row(f"SELECT count(*) {orphans}")
        samples = sample(self._database, f"SELECT {listed(key.columns)} {orphans} LIMIT {SAMPLES}") if count else ()
        text = f"{count:,} orphans" if count else "every parent found"
        return CheckResult(CheckKind.REFERENCE, key.columns, expected, text, not count, self._rows, count, samples)

    def _fan_out(self, claim: FanOutClaim) -> CheckResult:
        key, most = claim.key, claim.high or None
        expected = f"{claim.low} to {most or 'any number of'} rows for each row of {key.parent_table}"
        if why := self._missing(key):
            return CheckResult(CheckKind.FAN_OUT, key.columns, expected, "", passed=True, skipped=why)
        broken = f"n < {claim.low}" + (f" OR n > {most}" if most else "")
        families = self._families(key)
        parents, wrong, fewest, largest, total = self._database.row(
            f"SELECT count(*), count(*) FILTER (WHERE {broken}), min(n), max(n), sum(n)::BIGINT FROM ({families}) AS f"  # noqa: S608
        )
        query = f"SELECT {listed(key.parent_columns)}, n FROM ({families}) AS f WHERE {broken} LIMIT {SAMPLES}"  # noqa: S608
        samples = sample(self._database, query) if wrong else ()
        exact = claim.rows is None or (total or 0) == claim.rows
        found = f"{fewest} to {largest}, {total or 0:,} in all"
        return CheckResult(
            CheckKind.FAN_OUT, key.columns, expected, found, not wrong and exact, parents, wrong + (not exact), samples
        )

    def _families(self, key: ForeignKeySpec) -> str:
        """Each parent's key and number of children."""
        equal = " AND ".join(
            f"p.{quoted(parent)} = c.{quoted(child)}"
            for child, parent in zip(key.columns, key.parent_columns, strict=True)
        )
        names = listed(key.columns)
        return (
            f"SELECT {', '.join(f'p.{quoted(name)}' for name in key.parent_columns)}, coalesce(c.n, 0) AS n "  # noqa: S608
            f"FROM {self._database.whole(key.parent_table)} AS p LEFT JOIN "
            f"(SELECT {names}, count(*) AS n FROM {self._database.own(self._table)} GROUP BY {names}) AS c ON {equal}"
        )

    def _missing(self, key: ForeignKeySpec) -> str:
        whole = self._database.is_whole(key.parent_table)
        return "" if whole else f"not all files of {key.parent_table} are staged"


def joined_source(database: Database, table: str, joins: Sequence[Join]) -> str:
    """Rows of a table with the columns of their parents that `joins` name."""
    source = database.own(table)
    for join in joins:
        names = [f"{join.alias} {number}" for number in range(len(join.key.columns))]
        chosen = [
            f"{quoted(column)} AS {quoted(name)}" for column, name in zip(join.key.parent_columns, names, strict=True)
        ]
        equal = " AND ".join(
            f"{quoted(child)} = {quoted(name)}" for child, name in zip(join.key.columns, names, strict=True)
        )
        parents = f"SELECT {', '.join(chosen)}, {quoted(join.column)} AS {quoted(join.alias)}"
        source += f" LEFT JOIN ({parents} FROM {database.whole(join.key.parent_table)}) ON {equal}"
    return source


def sample(database: Database, query: str) -> tuple[str, ...]:
    """Rows as text, long values cut."""
    return tuple(
        ", ".join("NULL" if each is None else str(each)[:_LONGEST] for each in row) for row in database.rows(query)
    )
