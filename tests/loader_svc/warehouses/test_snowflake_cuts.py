"""Connections to Snowflake that break: at messages of a load, before the server has them and after it did them."""

import contextlib
import shutil
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from pydantic import SecretStr

from loader_svc.core.faults import WarehouseBusy
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_url import Account
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.loader_svc.warehouses.cutter import Cut, cutting
from tests.snowflake import Database, emptied

Load = load_pb2.Load
SIZES = {"customers": 20, "orders": 60}
COUNTS = "SELECT COUNT(*), COUNT(DISTINCT ORDER_ID), SUM(ORDER_ID)::INT FROM ORDERS"
WHOLE = [(60, 60, 1830)]
MIDDLE, STEP = 100, 3


async def is_cut(generator: GeneratorStandIn, account: Database, folder: Path, at: int, how: Cut) -> bool:
    """Load the shop with one cut, and find all of it; answer whether the loader sent so many messages."""
    data = folder / "data"
    with cutting(account.url.get_secret_value(), at, how) as (relay, url):
        async with running(data, generator, snowflake_url=SecretStr(url)) as loader:
            load = await loader.ended(1)
        assert load.state == Load.COMPLETED, f"cut at {at}, {how.value}: {load.failure}"
        assert load.statistics.inserted == sum(SIZES.values())
    assert account.rows(COUNTS, "SHOP") == WHOLE, f"cut at {at}, {how.value}"
    assert account.table_names("SHOP") == {"customers", "orders"}, f"cut at {at}, {how.value}"
    shutil.rmtree(data)
    emptied(account.server)
    return relay.cut


async def cut_everywhere(generator: GeneratorStandIn, account: Database, folder: Path, how: Cut, step: int) -> None:
    """Cut one load after the other, each a few messages later than the one before, until one ends before its cut.

    How many there are is found out so: a request is one message or two, as the network likes.
    """
    await generator.extend(StagedRun(folder, 1, sizes=SIZES).events())
    at = 1
    while await is_cut(generator, account, folder, at, how):
        at += step
    assert at > MIDDLE


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("how", Cut)
async def test_a_connection_to_snowflake_may_break_at_any_message(
    generator: GeneratorStandIn, tmp_path: Path, account: Database, how: Cut
) -> None:
    """Whatever the loader was about to say or to hear, the load ends whole."""
    await cut_everywhere(generator, account, tmp_path, how, STEP)


@pytest.mark.parametrize("how", [Cut.ANSWER_LOST, pytest.param(Cut.MESSAGE_LOST, marks=pytest.mark.slow)])
async def test_a_connection_to_snowflake_may_break_in_the_middle(
    generator: GeneratorStandIn, tmp_path: Path, account: Database, how: Cut
) -> None:
    """One of all messages, for every day: it is in the middle of a transaction."""
    await generator.extend(StagedRun(tmp_path, 1, sizes=SIZES).events())
    assert await is_cut(generator, account, tmp_path, MIDDLE, how)


@pytest.mark.parametrize("by_another", [False, True])
def test_a_session_that_ends_takes_its_locks_with_it(account: Database, by_another: bool) -> None:
    """A transaction that outlives its session locks a load out of its own tables."""
    facts = Account.parse(account.url.get_secret_value())
    with contextlib.closing(Session(facts)) as first, contextlib.closing(Session(facts)) as second:
        second.run("CREATE SCHEMA LOCKS")
        second.run("CREATE OR REPLACE TABLE LOCKS.LOCKED AS SELECT 1 AS n")
        first.run("BEGIN")
        first.run("UPDATE LOCKS.LOCKED SET n = 2")
        with pytest.raises(WarehouseBusy):
            second.run("UPDATE LOCKS.LOCKED SET n = 3")
        if by_another:
            second.end_other(first.number)
        else:
            first.close()
        second.run("UPDATE LOCKS.LOCKED SET n = n + 3")
        assert second.run("SELECT n FROM LOCKS.LOCKED") == [(4,)]
        second.run("DROP SCHEMA LOCKS CASCADE")
