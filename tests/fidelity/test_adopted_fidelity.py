"""DuckDB's and ClickHouse's SQL on PostgreSQL and SQLite, held against what the vendors' own engines answer."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import chdb.session
import duckdb
import pytest
import pytest_asyncio
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from tests.fidelity import snowflake as house
from tests.fidelity.__main__ import ADOPTED
from tests.fidelity.probes import Probe, read_probes
from tests.fidelity.report import Finding, findings, kept_table, table
from tests.fidelity.warehouse import TABLES, probed, probed_file
from tests.postgres import Database, fresh_database, postgres
from tests.snowflake import Emulator, emptied, snowflake

__all__ = ["postgres", "snowflake"]

asked = pytest.mark.asyncio(loop_scope="module")
LEAST_PROBES = {"duckdb": 40, "clickhouse": 30}
VENDORS = tuple(LEAST_PROBES)
Findings = dict[str, list[Finding]]
SALES = TABLES["sales"]
_OWN_TYPES = {"INT64": "BIGINT", "DATE": "Date", "STRING": "VARCHAR", "DECIMAL": "DECIMAL(8, 2)"}
_WITH_NULLS = ("buyer", "qty_shipped", "price")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_postgres(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Findings]:
    found = {}
    for vendor in VENDORS:
        with fresh_database(postgres) as database:
            folder = tmp_path_factory.mktemp(vendor)
            async with probed(database, folder / "data", SqlDialect.Name.Value(vendor.upper())) as query:
                found[vendor] = await findings(read_probes(vendor), query)
    yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Findings]:
    found = {}
    for vendor in VENDORS:
        folder = tmp_path_factory.mktemp(vendor)
        async with probed_file(folder / "data", SqlDialect.Name.Value(vendor.upper())) as query:
            found[vendor] = await findings(read_probes(vendor), query)
    yield found


@asked
@pytest.mark.slow
@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_probe_keeps_its_verdict_on_postgres(on_postgres: Findings, vendor: str) -> None:
    """An answer that turns wrong, or is refused of late, is seen here first."""
    assert [_told(f) for f in on_postgres[vendor] if not f.expected] == []
    assert len(on_postgres[vendor]) >= LEAST_PROBES[vendor]
    assert kept_table(vendor) == table(on_postgres[vendor], ADOPTED[vendor])


@asked
@pytest.mark.parametrize("vendor", VENDORS)
async def test_sqlite_answers_the_same_or_says_that_it_does_not(on_sqlite: Findings, vendor: str) -> None:
    """SQLite lacks more, and may never answer otherwise for it."""
    found = on_sqlite[vendor]
    assert [_told(f) for f in found if f.outcome in ("WRONG", "FAILS")] == []
    exact = sum(f.outcome == "EXACT" for f in found)
    assert exact >= 0.9 * sum(f.probe.verdict == "EXACT" for f in found)


@asked
@pytest.mark.slow
@pytest.mark.parametrize("vendor", VENDORS)
async def test_snowflakes_emulator_answers_the_same_or_says_that_it_does_not(
    snowflake: Emulator, vendor: str, tmp_path: Path
) -> None:
    """It is DuckDB inside, whose own reading of Snowflake's types would make doubles of decimals."""
    async with house.probed(emptied(snowflake), tmp_path / "data", SqlDialect.Name.Value(vendor.upper())) as query:
        found = await findings(read_probes(vendor), query)
    assert [_told(f) for f in found if f.outcome in ("WRONG", "FAILS")] == []
    exact = sum(f.outcome == "EXACT" for f in found)
    assert exact >= 0.9 * sum(f.probe.verdict == "EXACT" for f in found)


def test_duckdb_itself_answers_what_its_probes_say() -> None:
    """Rows that were copied by hand may be wrong; the engine is not."""
    with duckdb.connect() as judge:
        columns = SALES.columns
        judge.execute(f"CREATE TABLE sales ({', '.join(f'{c.name} {_OWN_TYPES[c.kind]}' for c in columns)})")
        judge.executemany(f"INSERT INTO sales VALUES ({', '.join('?' for _ in columns)})", SALES.rows)
        wrong = [p.place for p in _told_rows("duckdb") if _shown(judge.execute(p.sql).fetchall()) != p.rows]
    assert wrong == []


def test_clickhouse_itself_answers_what_its_probes_say() -> None:
    """Rows that were copied by hand may be wrong; the engine is not."""
    session: Any = chdb.session.Session()  # type: ignore[no-untyped-call]  # chdb has no types
    session.query("CREATE DATABASE probes")
    session.query("USE probes")
    types = {c.name: _OWN_TYPES[c.kind].replace("VARCHAR", "String").replace("BIGINT", "Int64") for c in SALES.columns}
    nullable = [f"{name} Nullable({t})" if name in _WITH_NULLS else f"{name} {t}" for name, t in types.items()]
    session.query(f"CREATE TABLE sales ({', '.join(nullable)}) ENGINE = Memory")
    rows = (", ".join("NULL" if v is None else repr(v) for v in row) for row in SALES.rows)
    session.query(f"INSERT INTO sales VALUES {', '.join(f'({row})' for row in rows)}")
    wrong = [p.place for p in _told_rows("clickhouse") if _from_clickhouse(session, p.sql) != p.rows]
    session.close()
    assert wrong == []


def _told_rows(vendor: str) -> list[Probe]:
    return [probe for probe in read_probes(vendor) if probe.verdict == "EXACT"]


def _from_clickhouse(session: Any, sql: str) -> list[list[Any]]:
    """Rows by ClickHouse; it writes 64-bit integers as text."""
    answer = json.loads(str(session.query(sql, "JSONCompact")))
    whole = ["Int64" in column["type"] for column in answer["meta"]]
    number = ["Decimal" in column["type"] for column in answer["meta"]]
    return [
        [v if v is None else int(v) if w else float(v) if n else v for v, w, n in zip(row, whole, number, strict=True)]
        for row in answer["data"]
    ]


def _shown(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [[str(v) if isinstance(v, Decimal | date) else v for v in row] for row in rows]


def _told(finding: Finding) -> str:
    return f"{finding.probe.place}: {finding.outcome}, {finding.instead}, for {finding.probe.sql}"
