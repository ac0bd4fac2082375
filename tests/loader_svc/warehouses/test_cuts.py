"""Connections that break: at every single message of a load, before the server has it and after it did it."""

import shutil
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from pydantic import SecretStr

from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.loader_svc.warehouses.cutter import Cut, cutting
from tests.postgres import Database

Load = load_pb2.Load
SIZES = {"customers": 20, "orders": 60}
SUMS = """SELECT (SELECT count(*) FROM shop.customers), (SELECT sum(customer_id)::int FROM shop.customers),
    (SELECT count(*) FROM shop.orders), (SELECT count(DISTINCT order_id) FROM shop.orders)"""
WHOLE = [(20, 210, 60, 60)]
NEVER = 1_000_000


async def messages(generator: GeneratorStandIn, database: Database, folder: Path, at: int, how: Cut) -> int:
    """Load the shop with one cut; answer how many messages the loader sent."""
    data = folder / "data"
    with cutting(database.url, at, how) as (relay, url):
        async with running(data, generator, redshift_url=SecretStr(url)) as loader:
            load = await loader.ended(1)
        assert load.state == Load.COMPLETED, f"cut at {at}, {how.value}: {load.failure}"
        assert load.statistics.inserted == sum(SIZES.values())
        assert relay.cut == (at != NEVER)
        assert database.rows(SUMS) == WHOLE, f"cut at {at}, {how.value}"
        shutil.rmtree(data)
        database.rows("DROP SCHEMA shop CASCADE")
        return relay.sent


async def cut_everywhere(generator: GeneratorStandIn, database: Database, folder: Path, how: Cut, step: int) -> None:
    """Cut one load after the other, each a few messages later than the one before."""
    await generator.extend(StagedRun(folder, 1, sizes=SIZES).events())
    whole = await messages(generator, database, folder, NEVER, how)
    assert whole > 50
    for at in range(1, whole + 1, step):
        await messages(generator, database, folder, at, how)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize("how", Cut)
async def test_a_connection_may_break_at_any_message(
    generator: GeneratorStandIn, tmp_path: Path, database: Database, how: Cut
) -> None:
    """Whatever the loader was about to say or to hear, the load ends whole."""
    await cut_everywhere(generator, database, tmp_path, how, 1)


async def test_a_connection_may_break_now_and_then(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """A sample of all messages, for every day."""
    await cut_everywhere(generator, database, tmp_path, Cut.MESSAGE_LOST, 9)
