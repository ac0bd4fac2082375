"""Appends through the real door: every row once, keys unique, whatever is loaded in whatever order."""

from pathlib import Path

import grpc
import pytest
from dwsim.loader.v1 import load_pb2

from dwsim_wire.errors import RemoteFault
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import ORDERS, StagedRun, more_orders
from tests.loader_svc.warehouse_files import checksum

Load = load_pb2.Load


def orders_there(loader: RunningLoader) -> tuple[int, int]:
    """Orders in the target, and different ones among them."""
    count, distinct, *_ = checksum(loader.file(), "orders")[0]
    return count, distinct


async def refused_start(loader: RunningLoader, **request: object) -> RemoteFault:
    with pytest.raises(RemoteFault) as caught:
        await loader.start(**request)
    return caught.value


async def test_an_append_that_is_loaded_again_changes_nothing(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """It was loaded when it was generated; `experiment load` after it must not double its rows."""
    await generator.extend(StagedRun(tmp_path).events())
    await generator.extend(more_orders(tmp_path, 2, base=1, rows=100).events())
    assert (await loader.ended(2)).state == Load.COMPLETED
    again = await loader.start(run_id=2)
    assert (again.state, again.statistics.inserted, again.statistics.skipped) == (Load.COMPLETED, 0, 100)
    assert orders_there(loader) == (ORDERS + 100, ORDERS + 100)


async def test_an_append_of_another_base_is_refused(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Its keys continue those of a run that the target does not have."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    await generator.extend(StagedRun(tmp_path, 2, seed=7, sizes={"orders": 60}, auto_load=False).events())
    await generator.extend(more_orders(tmp_path, 3, base=2, rows=100, first=60).events())
    automatic = await loader.ended(2)
    assert (automatic.state, automatic.failure.reason) == (Load.FAILED, "BASE_NOT_LOADED")
    fault = await refused_start(loader, run_id=3)
    assert (fault.code, fault.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "BASE_NOT_LOADED")
    assert "has the rows of run 1; run 3 continues the rows of run 2" in fault.message
    assert orders_there(loader) == (ORDERS, ORDERS)
    await loader.start(run_id=2)
    assert (await loader.start(run_id=3)).state == Load.COMPLETED
    assert orders_there(loader) == (160, 160)


async def test_an_append_does_not_leave_out_the_one_before_it(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """A hole in the keys is a hole in the children's parents."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    await generator.extend(more_orders(tmp_path, 2, base=1, rows=100, auto_load=False).events())
    await generator.extend(more_orders(tmp_path, 3, base=2, rows=50, first=ORDERS + 100, auto_load=False).events())
    assert (await refused_start(loader, run_id=3)).reason == "BASE_NOT_LOADED"
    for run_id in (2, 3, 2):
        assert (await loader.start(run_id=run_id)).state == Load.COMPLETED
    assert orders_there(loader) == (ORDERS + 150, ORDERS + 150)


async def test_a_full_run_is_not_appended_to_rows_that_are_there(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Every full run counts its keys from the beginning: over itself nothing changes, another is refused."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    again = await loader.start(run_id=1, mode=Load.APPEND)
    assert (again.state, again.statistics.inserted) == (Load.COMPLETED, 0)
    await generator.extend(StagedRun(tmp_path, 2, seed=7, auto_load=False).events())
    assert (await refused_start(loader, run_id=2, mode=Load.APPEND)).reason == "BASE_NOT_LOADED"
    assert orders_there(loader) == (ORDERS, ORDERS)


async def test_a_full_run_may_be_appended_to_nothing(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """An empty target has no keys to collide with."""
    await generator.extend(StagedRun(tmp_path, auto_load=False).events())
    assert (await loader.start(run_id=1, mode=Load.APPEND)).state == Load.COMPLETED
    assert orders_there(loader) == (ORDERS, ORDERS)


async def test_what_the_target_has_is_known_to_a_loader_without_memory(
    generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """The runs are written down in the target, in the transaction that applies them."""
    await generator.extend(StagedRun(tmp_path).events())
    await generator.extend(more_orders(tmp_path, 2, base=1, rows=100).events())
    async with running(tmp_path / "data", generator) as loader:
        await loader.ended(2)
    for file in (tmp_path / "data/metadata").glob("loader.db*"):
        file.unlink()
    async with running(tmp_path / "data", generator) as loader:
        again = await loader.ended(2)
        assert (again.state, again.statistics.inserted) == (Load.COMPLETED, 100)  # load 1 replaced all rows again
        assert orders_there(loader) == (ORDERS + 100, ORDERS + 100)
