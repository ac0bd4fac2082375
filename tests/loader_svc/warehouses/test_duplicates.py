"""The duplicate report of a load whose keys are declared and not enforced."""

import copy
from pathlib import Path

import pyarrow as pa
from dwsim.loader.v1 import load_pb2

from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, StagedRun, orders
from tests.loader_svc.warehouses.bad_files import put
from tests.loader_svc.warehouses.houses import House

Load = load_pb2.Load


async def test_repeated_keys_are_counted_and_shown(generator: GeneratorStandIn, tmp_path: Path, house: House) -> None:
    """Real warehouses take duplicates without a word; joins then count double."""
    document = copy.deepcopy(SHOP)
    document["tables"][1]["unique_keys"] = [{"columns": ["customer_id", "amount"]}]
    run = StagedRun(tmp_path, document=document)
    put(run, "orders", 2, pa.concat_tables([orders(0, 7), orders(0, 3), orders(110, 40)]))
    await generator.extend(run.events())
    async with running(house.data, generator, **house.settings) as loader:
        load = await loader.ended(1)
        assert (load.state, load.statistics.inserted) == (Load.COMPLETED, 320), load.failure
        customers, found = load.tables
        assert not customers.duplicates
        assert [(list(one.columns), one.rows) for one in found.duplicates] == [
            (["order_id"], 10),
            (["customer_id", "amount"], 10),
        ]
        assert list(found.duplicates[0].sample) == [
            f"order_id={number} ({3 if number < 4 else 2} rows)" for number in (1, 2, 3, 4, 5)
        ]
        assert found.duplicates[1].sample[0].startswith("customer_id=2, amount=0.07")


async def test_keys_that_are_enforced_are_not_reported(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """They fail the load instead."""
    run = StagedRun(tmp_path, document=SHOP | {"constraints": "ENFORCED"})
    put(run, "orders", 2, orders(0, 50))
    await generator.extend(run.events())
    async with running(house.data, generator, **house.settings) as loader:
        load = await loader.ended(1)
        assert (load.state, load.failure.reason) == (Load.FAILED, "CONSTRAINT_VIOLATED")
        assert "order_id=1 (2 rows)" in load.failure.message
        assert not any(table.duplicates for table in load.tables)


async def test_an_orphan_that_fails_a_load_is_shown(generator: GeneratorStandIn, tmp_path: Path, house: House) -> None:
    """`Some row has no parent` is no help."""
    run = StagedRun(tmp_path, document=SHOP | {"constraints": "ENFORCED"})
    lost = orders(100, 50)
    put(run, "orders", 2, lost.set_column(1, "customer_id", pa.array([9_999] * 50, pa.int32())))
    await generator.extend(run.events())
    async with running(house.data, generator, **house.settings) as loader:
        load = await loader.ended(1)
        assert (load.state, load.failure.reason) == (Load.FAILED, "CONSTRAINT_VIOLATED")
        assert "9999" in load.failure.message
