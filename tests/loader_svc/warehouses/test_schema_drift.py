"""Appends that bring other columns than the target has, through the loader's door and into real warehouses."""

import copy
from pathlib import Path
from typing import Any

import pytest
from dwsim.loader.v1 import load_pb2

from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, StagedRun, orders
from tests.loader_svc.warehouses.bad_files import put
from tests.loader_svc.warehouses.houses import House

Load = load_pb2.Load
NOTE = {"name": "note", "data_type": "VARCHAR(20)", "logical_type": {"kind": "STRING", "length": 20}}


def with_notes() -> dict[str, Any]:
    """SHOP with a new column at the end of orders."""
    document = copy.deepcopy(SHOP)
    document["tables"][1]["columns"].append({**NOTE, "required": True})
    return document


async def loaded(loader: RunningLoader, generator: GeneratorStandIn, folder: Path) -> StagedRun:
    """A loaded run of 60 orders, and an append to it that has a further column."""
    await generator.extend(StagedRun(folder, 1, sizes={"customers": 20, "orders": 60}).events())
    await loader.ended(1)
    facts: dict[str, Any] = {"sizes": {"orders": 40}, "first_rows": {"orders": 60}, "batch_rows": 40}
    run = StagedRun(folder, 2, kind="APPEND", base=1, document=with_notes(), auto_load=False, **facts)
    put(run, "orders", 0, orders(60, 40).append_column("note", [["new"] * 40]))
    await generator.extend(run.events())
    return run


async def test_other_columns_fail_an_append_and_are_named(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """Columns that change in silence break whoever reads the table."""
    async with running(house.data, generator, **house.settings) as loader:
        await loaded(loader, generator, tmp_path)
        load = await loader.start(run_id=2)
        assert (load.state, load.failure.reason) == (Load.FAILED, "SCHEMA_MISMATCH")
        assert "note is new (VARCHAR(20))" in load.failure.message
        assert house.rows("SELECT count(*) FROM orders") == [(60,)]


@pytest.mark.parametrize("drift", [Load.ADD_COLUMNS, Load.IGNORE_EXTRA])
async def test_new_columns_are_added_or_ignored_as_asked(
    generator: GeneratorStandIn, tmp_path: Path, house: House, drift: int
) -> None:
    """Old rows have no value for a new column; the catalog tells of it as the table has it."""
    async with running(house.data, generator, **house.settings) as loader:
        await loaded(loader, generator, tmp_path)
        load = await loader.start(run_id=2, schema_drift=drift)
        assert (load.state, load.schema_drift, load.statistics.inserted) == (Load.COMPLETED, drift, 40), load.failure
        assert house.rows("SELECT count(*), sum(order_id) FROM orders") == [(100, 5050)]
        if drift == Load.ADD_COLUMNS:
            assert house.rows("SELECT count(*), count(note), min(order_id) FROM orders WHERE note = 'new'") == [
                (40, 40, 61)
            ]
        again = await loader.start(run_id=2, schema_drift=drift)
        assert (again.state, again.statistics.inserted) == (Load.COMPLETED, 0), again.failure
