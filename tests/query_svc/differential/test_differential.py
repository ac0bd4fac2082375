"""Random SELECTs answer on the Redshift stand-in as in DuckDB, where both dialects mean the same."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import pytest_asyncio
from dwsim.common.v1.warehouse_pb2 import Warehouse
from hypothesis import HealthCheck, Phase, given, settings

from dwsim_wire.errors import RemoteFault
from tests.postgres import Database, fresh_database, postgres
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.differential.queries import Query, queries
from tests.query_svc.differential.tables import EXPERIMENT, NAMESPACE, TABLES, judge
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.warehouses.postgres_shop import write_tables

__all__ = ["postgres"]

pytestmark = pytest.mark.asyncio(loop_scope="module")
ALL_ALIKE = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with judge() as connection:
        yield connection


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningQuery]:
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places[EXPERIMENT] = place(EXPERIMENT, NAMESPACE, warehouse=Warehouse.REDSHIFT, tables=TABLES)
    with fresh_database(postgres) as database:
        write_tables(database, NAMESPACE, TABLES)
        data_dir = tmp_path_factory.mktemp("differ") / "data"
        async with running(data_dir, loader, redshift_url=database.url) as started:
            yield started
    await loader.stop()


SUMS = "(SELECT of_order, SUM(quantity) AS q FROM lines GROUP BY of_order) l"
BUYERS = "(SELECT buyer_id FROM orders WHERE fee > 20)"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COUNT(*), SUM(l.q) FROM {SUMS} WHERE l.q IN {BUYERS}",
        f"SELECT COUNT(*), SUM(o.order_id) FROM orders o WHERE o.buyer_id IN (SELECT l.q FROM {SUMS})",
        f"SELECT l.of_order FROM {SUMS} WHERE l.q NOT IN (SELECT order_id FROM orders WHERE fee > 20) ORDER BY 1",
    ],
)
async def test_sums_meet_whole_numbers(asked: RunningQuery, duck: duckdb.DuckDBPyConnection, sql: str) -> None:
    """A SUM of integers is a DECIMAL in Redshift; found by random statements, refused until then."""
    await _compare(asked, duck, Query(sql, sql))


@given(query=queries())
@settings(ALL_ALIKE, max_examples=25)
async def test_some_random_queries_answer_as_duckdb_does(
    asked: RunningQuery, duck: duckdb.DuckDBPyConnection, query: Query
) -> None:
    """The same few each time, so that a red run is this change's."""
    await _compare(asked, duck, query)


@pytest.mark.slow
@given(query=queries())
@settings(ALL_ALIKE, derandomize=False, max_examples=1_000)
async def test_a_thousand_random_queries_answer_as_duckdb_does(
    asked: RunningQuery, duck: duckdb.DuckDBPyConnection, query: Query
) -> None:
    """Nobody thinks of all combinations; each difference is a wrong answer that would go unnoticed."""
    await _compare(asked, duck, query)


async def _compare(asked: RunningQuery, duck: duckdb.DuckDBPyConnection, query: Query) -> None:
    try:
        wanted = [[_value(v) for v in row] for row in duck.execute(query.duck).fetchall()]
    except (duckdb.ConversionException, duckdb.OutOfRangeException):
        with pytest.raises(RemoteFault, match=r"out of range|overflow"):
            await asked.run(query.redshift, EXPERIMENT)
        return
    answer = await asked.run(query.redshift, EXPERIMENT, page_size=10_000)
    kinds = [column.data_type for column in answer.columns]
    have = [[_told(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in answer.rows]
    assert have == wanted, f"\n{query.redshift}\n{query.duck}\n{answer.translation.translated_sql}"


def _told(value: Any, kind: str) -> Any:
    """A cell of ours: numbers by their value, moments as text."""
    if value is not None and kind.startswith(("SMALLINT", "INT", "BIGINT", "DECIMAL", "NUMERIC", "DOUBLE", "REAL")):
        return Decimal(str(value)).normalize() + 0
    return value.replace("T", " ") if value is not None and kind.startswith("TIMESTAMP") else value


def _value(value: Any) -> Any:
    """A cell of DuckDB's in the same form."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value)).normalize() + 0
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else value
