"""TPC-H's 22 queries on the Redshift stand-in answer as DuckDB does over the same files."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fidelity.tpc.suite import TPCH, Findings, findings
from tests.postgres import Database, fresh_database, postgres

__all__ = ["postgres"]

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Findings]:
    with fresh_database(postgres) as database:
        yield await findings(TPCH, database, tmp_path_factory.mktemp("tpch") / "data")


async def test_all_queries_answer_as_duckdb_does(found: Findings) -> None:
    """The queries that every warehouse is compared by; one wrong digit in them and nobody trusts the rest."""
    assert {finding.number: finding.instead for finding in found.queries if finding.instead} == {}
    assert [finding.number for finding in found.queries] == list(range(1, 23))


async def test_no_answer_is_empty(found: Findings) -> None:
    """Two empty answers are equal and prove nothing."""
    assert [finding.number for finding in found.queries if finding.rows == 0] == []
