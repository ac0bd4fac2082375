"""DuckDB's and ClickHouse's SQL on PostgreSQL and SQLite, held against what the vendors' own engines answer."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import pytest_asyncio
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from tests.fidelity.probes import Probe, read_probes
from tests.fidelity.report import Finding, findings
from tests.fidelity.warehouse import TABLES, probed, probed_file
from tests.postgres import Database, fresh_database, postgres

__all__ = ["postgres"]

asked = pytest.mark.asyncio(loop_scope="module")
LEAST_PROBES = {"duckdb": 40, "clickhouse": 30}
LEAST_EXACT = {"on_postgres": 0.6, "on_sqlite": 0.5}
VENDORS = tuple(LEAST_PROBES)
Findings = dict[str, list[Finding]]


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
@pytest.mark.parametrize("vendor", VENDORS)
async def test_every_probe_keeps_its_verdict_on_postgres(on_postgres: Findings, vendor: str) -> None:
    """An answer that turns wrong, or is refused of late, is seen here first."""
    assert [_told(f) for f in on_postgres[vendor] if not f.expected] == []
    assert len(on_postgres[vendor]) >= LEAST_PROBES[vendor]


@asked
@pytest.mark.parametrize("vendor", VENDORS)
async def test_sqlite_answers_the_same_or_says_that_it_does_not(on_sqlite: Findings, vendor: str) -> None:
    """SQLite lacks more, and may never answer otherwise for it."""
    found = on_sqlite[vendor]
    assert [_told(f) for f in found if f.outcome in ("WRONG", "FAILS") != f.probe.verdict] == []
    exact = sum(f.outcome == "EXACT" for f in found)
    assert exact >= 0.9 * sum(f.probe.verdict == "EXACT" for f in found)


def test_duckdb_itself_answers_what_its_probes_say() -> None:
    """Rows that were copied by hand may be wrong; the engine is not."""
    with duckdb.connect() as judge:
        _fill(judge)
        asked_of = lambda sql: judge.execute(sql).fetchall()
        assert _differences(read_probes("duckdb"), asked_of) == []


def _told(finding: Finding) -> str:
    return f"{finding.probe.place}: {finding.outcome}, {finding.instead}, for {finding.probe.sql}"
