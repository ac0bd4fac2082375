"""TranslateQuery and ExplainQuery of statements that write: shown, never run."""

from typing import Any

import pytest
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.translation_pb2 import Translation

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery
from tests.query_svc.test_scratches import write

SHOWN = [
    ("CREATE TABLE t AS SELECT NVL(status, '-') AS s FROM orders", "CREATE TABLE in the scratch", "INSERT INTO t"),
    ("SELECT order_id INTO t FROM orders", "SELECT INTO in the scratch", "INSERT INTO t"),
    ("CREATE TABLE t (a INT DISTKEY DEFAULT 1)", "CREATE TABLE in the scratch", "no table is read"),
    ("CREATE VIEW v AS SELECT 1 AS a", "CREATE VIEW in the scratch", "no table is read"),
    ("INSERT INTO kept SELECT order_id FROM orders", "INSERT", "INSERT INTO kept"),
    ("UPDATE kept SET a = o.total FROM orders o WHERE o.order_id = kept.a", "UPDATE", "UPDATE kept"),
    ("DELETE FROM kept WHERE a > 3", "DELETE", "DELETE FROM kept"),
    ("TRUNCATE kept", "TRUNCATE", "no table is read"),
    ("DROP TABLE kept", "DROP TABLE", "no table is read"),
    ("UNLOAD ('SELECT * FROM orders') TO 's3://b/p'", "SELECT", "UNLOAD to s3://b/p"),
    ("COPY kept FROM 's3://b/p' CSV", "files of s3://b/p", "no table is read"),
]


REFUSED = {
    "UPDATE orders SET total = 0": "WRITE_REFUSED",
    "GRANT ALL ON orders TO PUBLIC": "WRITE_REFUSED",
    "CREATE TABLE t (a INT DEFAULT nosuch(1))": "INVALID_SQL",
    "COPY orders FROM 's3://b/p' CSV": "WRITE_REFUSED",
}


async def explain(query: RunningQuery, sql: str, **facts: Any) -> pb.ExplainQueryResponse:
    request = pb.ExplainQueryRequest(experiment="shop", sql=sql, **facts)
    return await call(query.stub.ExplainQuery, request)


async def scratches(query: RunningQuery) -> list[tuple[str, list[str], list[str]]]:
    found = (await call(query.stub.ListScratches, pb.ListScratchesRequest())).scratches
    return [(one.name, [table.name for table in one.tables], list(one.views)) for one in found]


async def test_statements_that_write_are_shown_and_not_run(query: RunningQuery) -> None:
    """What a session will do is asked before it does it."""
    await write(query, "CREATE TABLE kept AS SELECT 7 AS a")
    for sql, form, plan in SHOWN:
        shown = await query.translate(sql, scratch="mine")
        assert (shown.sql, shown.verdict) == (sql, Translation.EXACT), sql
        assert form in shown.translated_sql, sql
        explained = await explain(query, sql, scratch="mine")
        assert plan in explained.plan, (sql, explained.plan)
        assert explained.translation == shown
    assert await query.rows("SELECT a FROM kept", scratch="mine") == [[7]]
    assert await scratches(query) == [("mine", ["kept"], [])]


async def test_a_scratch_that_is_not_there_is_shown_as_an_empty_one(query: RunningQuery) -> None:
    """The first statement of a session is one like the others; asking makes nothing."""
    shown = await query.translate("CREATE TABLE t AS SELECT status FROM orders", scratch="new")
    assert '"orders"."status"' in shown.translated_sql
    assert "SCAN orders" in (await explain(query, "CREATE TABLE t AS SELECT status FROM orders")).plan
    with pytest.raises(RemoteFault) as unknown:
        await query.translate("INSERT INTO t VALUES (1)", scratch="new")
    assert unknown.value.reason == "UNKNOWN_TABLE"
    assert await scratches(query) == []


async def test_what_would_be_refused_is_refused_for_the_same_reason(query: RunningQuery) -> None:
    """A translation of what cannot run would be a promise that is not kept."""
    for sql, reason in REFUSED.items():
        for shown in (query.translate(sql), explain(query, sql), query.execute(sql, allow_writes=True)):
            with pytest.raises(RemoteFault) as refused:
                await shown
            assert refused.value.reason == reason, refused.value.message


async def test_keys_of_a_transfer_are_not_shown(query: RunningQuery) -> None:
    """Whoever asks may paste the answer into a ticket."""
    sql = "UNLOAD ('SELECT 1 AS a') TO 's3://b/p' CREDENTIALS 'aws_secret_access_key=hidden'"
    assert "hidden" not in str(await query.translate(sql))
