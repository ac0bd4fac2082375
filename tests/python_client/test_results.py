"""Results: streamed, taken whole, by pandas and Polars; cut, cancelled, refused."""

import sys
from decimal import Decimal

import dwsim
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dwsim.query.v1.query_pb2 import Query

from tests.processes import wait_for

LONG = "SELECT a.order_id FROM orders a, orders b, orders c, orders d"


def state_of(wh: dwsim.Warehouse, query_id: str) -> int | None:
    """State of a query in the history."""
    return next((found.state for found in wh.client.history() if found.query_id == query_id), None)


def test_every_way_to_take_a_result_takes_the_same_rows(wh: dwsim.Warehouse) -> None:
    """Exact decimals and moments, whatever library reads them."""
    sql = "SELECT order_id, amount, ordered_at FROM orders ORDER BY order_id"
    table = wh.query(sql).to_arrow()
    assert table.schema.field("amount").type == pa.decimal128(10, 2)
    rows = list(wh.query(sql))
    assert rows == wh.query(sql).rows() == list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    assert isinstance(rows[0][1], Decimal)
    assert wh.query(sql).to_pylist()[0]["amount"] == rows[0][1]
    assert wh.query(sql).to_pandas()["amount"].tolist() == [row[1] for row in rows]
    assert wh.query(sql).to_polars()["amount"].to_list() == [row[1] for row in rows]


def test_a_stream_is_read_once_and_a_table_again(wh: dwsim.Warehouse) -> None:
    """Rows that were let go are not there to be had twice, and silence would look like an empty result."""
    streamed = wh.query("SELECT order_id FROM orders")
    assert streamed.summary is None
    assert sum(batch.num_rows for batch in streamed.batches()) == 100
    assert streamed.summary is not None
    assert streamed.summary.rows == 100
    with pytest.raises(dwsim.AlreadyRead):
        streamed.to_arrow()
    kept = wh.query("SELECT order_id FROM orders")
    assert kept.to_arrow().num_rows == len(kept.rows()) == len(list(kept)) == 100


def test_an_empty_result_has_columns_and_no_scalar(wh: dwsim.Warehouse) -> None:
    """No row is not a NULL."""
    empty = wh.query("SELECT order_id, amount FROM orders WHERE order_id < 0")
    assert (empty.columns, empty.to_arrow().num_rows, empty.rows()) == (["order_id", "amount"], 0, [])
    with pytest.raises(dwsim.NotFound):
        empty.scalar()
    assert wh.query("SELECT NULL AS nothing").scalar() is None


def test_limits_cut_or_fail_as_asked(wh: dwsim.Warehouse) -> None:
    """A cut result says so."""
    cut = wh.query("SELECT * FROM orders", max_rows=5)
    assert (cut.to_arrow().num_rows, cut.truncated) == (5, True)
    with pytest.raises(dwsim.DwsimError) as caught:
        wh.query("SELECT * FROM orders", max_rows=5, fail_when_exceeded=True).to_arrow()
    assert caught.value.reason == "RESULT_TOO_LARGE"
    with pytest.raises(dwsim.DwsimError) as late:
        wh.query(LONG + ", orders e ORDER BY 1", timeout=0.2).to_arrow()
    assert late.value.reason == "STATEMENT_TIMEOUT"


def test_leaving_a_result_ends_its_query(wh: dwsim.Warehouse) -> None:
    """A notebook that shows the first rows must not keep the warehouse busy."""
    with wh.query(LONG) as result:
        assert next(iter(result))
    wait_for(lambda: state_of(wh, result.query_id) == Query.CANCELLED, "the warehouse to hear of it")
    with pytest.raises(dwsim.AlreadyRead):
        result.to_arrow()


@pytest.mark.parametrize(
    ("sql", "kind", "reason", "line", "hint"),
    [
        ("SELECT order_id\nFROM ordres", dwsim.NotFound, "UNKNOWN_TABLE", 2, "did you mean orders?"),
        ("SELECT\n  nope FROM orders", dwsim.NotFound, "UNKNOWN_COLUMN", 2, "order_id"),
        ("SELECT 1 +\nFROM orders WHERE", dwsim.InvalidInput, "INVALID_SQL", 2, "dialect"),
        ("DELETE FROM orders", dwsim.Refused, "WRITE_REFUSED", None, "SELECT"),
    ],
)
def test_an_error_has_its_kind_reason_place_and_hint(
    wh: dwsim.Warehouse, sql: str, kind: type[dwsim.DwsimError], reason: str, line: int | None, hint: str
) -> None:
    """What went wrong, where, and what would be right, without parsing a message."""
    with pytest.raises(kind) as caught:
        wh.query(sql)
    error = caught.value
    assert (error.reason, error.line) == (reason, line)
    assert hint in error.hint
    assert f"[{reason}]" in str(error)
    assert error.excerpt in str(error)
    assert error.excerpt.endswith("^") is bool(line)


def test_a_library_that_is_missing_is_named(wh: dwsim.Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """pandas and Polars are optional."""
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(dwsim.MissingLibrary) as caught:
        wh.query("SELECT 1").to_polars()
    assert "dw-simulator[polars]" in caught.value.hint


async def test_the_asynchronous_result_streams_too(client: dwsim.AsyncClient, wh: dwsim.Warehouse) -> None:
    """The same answer, awaited."""
    result = await client.query("SELECT order_id FROM orders ORDER BY 1", wh.experiment.name)
    assert [row async for row in result] == [(n,) for n in range(1, 101)]
    again = await client.query("SELECT order_id FROM orders", wh.experiment.name)
    assert (await again.to_pandas()).shape == (100, 1)
    await client.close()


def test_a_result_is_written_to_a_file_by_its_name(
    wh: dwsim.Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The service writes it; nothing of it passes through Python's objects."""
    folder = tmp_path_factory.mktemp("exports")
    summary = wh.client.export("SELECT * FROM orders", folder / "orders.parquet", wh.experiment.name)
    assert summary.rows == pq.read_table(folder / "orders.parquet").num_rows == 100
    with pytest.raises(dwsim.InvalidInput):
        wh.client.export("SELECT 1", folder / "orders.doc")
    with pytest.raises(dwsim.NotFound):
        wh.client.export("SELECT * FROM ordres", folder / "none.csv", wh.experiment.name)
    assert [path.name for path in folder.iterdir()] == ["orders.parquet"]
