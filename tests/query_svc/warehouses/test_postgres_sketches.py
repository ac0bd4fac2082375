"""HyperLogLog as it is used: sketches are kept in a table, and combined later."""

from typing import Any

import pytest

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery

asked = pytest.mark.asyncio(loop_scope="module")
WRITING: dict[str, Any] = {"scratch": "sketches", "allow_writes": True}


@asked
async def test_sketches_are_kept_in_a_table_and_combined(kept_query: RunningQuery) -> None:
    """Distinct values of many days are counted without reading them again."""
    await kept_query.execute("CREATE TABLE kept (status VARCHAR, sketch HLLSKETCH)", **WRITING)
    fill = "INSERT INTO kept SELECT status, HLL_CREATE_SKETCH(customer_id) FROM orders GROUP BY status"
    await kept_query.execute(fill, **WRITING)
    told = await kept_query.rows("SELECT HLL_CARDINALITY(HLL_COMBINE(sketch)) FROM kept", scratch="sketches")
    assert told == await kept_query.rows("SELECT COUNT(DISTINCT customer_id) FROM orders")


@asked
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT HLL_CARDINALITY(5)", "takes a sketch"),
        ("SELECT HLL_CREATE_SKETCH(total) OVER () FROM orders", "HLL_CREATE_SKETCH() of this form with OVER"),
        ("SELECT HLL_CREATE_SKETCH(DISTINCT total) FROM orders", "HLL_CREATE_SKETCH() of this form"),
    ],
)
async def test_what_redshift_refuses_is_refused_by_name(kept_query: RunningQuery, sql: str, words: str) -> None:
    """Before the warehouse says something that nobody wrote."""
    with pytest.raises(RemoteFault) as caught:
        await kept_query.run(sql)
    assert words in caught.value.message
