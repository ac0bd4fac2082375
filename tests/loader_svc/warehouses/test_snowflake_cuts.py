"""Connections to Snowflake that break: at messages of a load, before the server has them."""

import shutil
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from pydantic import SecretStr

from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.loader_svc.warehouses.cutter import Cut, cutting
from tests.snowflake import Database, emptied

Load = load_pb2.Load
SIZES = {"customers": 20, "orders": 60}
COUNTS = "SELECT COUNT(*), COUNT(DISTINCT ORDER_ID), SUM(ORDER_ID)::INT FROM ORDERS"
WHOLE = [(60, 60, 1830)]
NEVER = 1_000_000
STEP = 5


async def messages(generator: GeneratorStandIn, account: Database, folder: Path, at: int, how: Cut) -> int:
    """Load the shop with one cut; answer how many messages the loader sent."""
    data = folder / "data"
    with cutting(account.url.get_secret_value(), at, how) as (relay, url):
        async with running(data, generator, snowflake_url=SecretStr(url)) as loader:
            load = await loader.ended(1)
        assert load.state == Load.COMPLETED, f"cut at {at}, {how.value}: {load.failure}"
        assert load.statistics.inserted == sum(SIZES.values())
        assert relay.cut == (at != NEVER)
    assert account.rows(COUNTS, "SHOP") == WHOLE, f"cut at {at}, {how.value}"
    assert account.table_names("SHOP") == {"customers", "orders"}
    shutil.rmtree(data)
    emptied(account.server)
    return relay.sent


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_a_connection_to_snowflake_may_break_at_any_message(
    generator: GeneratorStandIn, tmp_path: Path, account: Database
) -> None:
    """Whatever the loader was about to say, the load ends whole."""
    await generator.extend(StagedRun(tmp_path, 1, sizes=SIZES).events())
    whole = await messages(generator, account, tmp_path, NEVER, Cut.MESSAGE_LOST)
    assert whole > 100
    for at in range(1, whole + 1, STEP):
        await messages(generator, account, tmp_path, at, Cut.MESSAGE_LOST)


@pytest.mark.slow
async def test_a_connection_to_snowflake_may_break_in_the_middle(
    generator: GeneratorStandIn, tmp_path: Path, account: Database
) -> None:
    """A sample of all messages."""
    await generator.extend(StagedRun(tmp_path, 1, sizes=SIZES).events())
    await messages(generator, account, tmp_path, 100, Cut.MESSAGE_LOST)
