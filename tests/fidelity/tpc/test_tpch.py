"""TPC-H's 22 queries on the Redshift stand-in answer as DuckDB does over the same files."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fidelity.tpc.tpch import Finding, findings
from tests.postgres import Database, fresh_database, postgres

__all__ = ["postgres"]

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Finding]]:
    with fresh_database(postgres) as database:
        yield await findings(database, tmp_path_factory.mktemp("tpch") / "data")


async def test_all_queries_answer_as_duckdb_does(found: list[Finding]) -> None:
    """The queries that every warehouse is compared by; one wrong digit in them and nobody trusts the rest."""
    assert {finding.number: finding.instead for finding in found if finding.instead} == {}
    assert [finding.number for finding in found] == list(range(1, 23))


async def test_no_answer_is_empty(found: list[Finding]) -> None:
    """Two empty answers are equal and prove nothing."""
    assert [finding.number for finding in found if finding.rows == 0] == []
