"""Disks that fill up in the middle of a load: it fails by name, the target is as it was, a retry brings it whole."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire import failpoint
from dwsim_wire.client import call
from tests.faults.chance import seeded
from tests.faults.readers import polling
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.loader_svc.warehouse_files import checksum, rows, table_names
from tests.loader_svc.warehouses.houses import House

Load = load_pb2.Load
OLD, NEW = {"customers": 20, "orders": 60}, {"customers": 70, "orders": 250}
POINTS = {"loader.mid_stage": 7, "loader.mid_apply": 2}
"""Places inside of a transaction, and how often a load of NEW reaches them."""
SUMS = "SELECT count(*), sum(order_id) FROM orders"
WHOLE = {size: (size, size * (size + 1) // 2) for size in (OLD["orders"], NEW["orders"], 200_000)}
SMALL = "3m"


async def ends(loader: RunningLoader, load_id: int, *, retried: bool = False) -> load_pb2.Load:
    """The load as it ended, after the retry if there is one."""
    if retried:
        await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=load_id))
        return await loader.reach(load_id, Load.COMPLETED)
    return await loader.ended(load_id)


async def fill_often(generator: GeneratorStandIn, folder: Path, house: House, faults: int) -> None:
    """Replace a table again and again, each time with a disk that is full at another point."""
    _, chance = seeded()
    seen: set[tuple[Any, ...]] = set()
    async with running(house.data, generator, **house.settings) as loader:
        await generator.extend(StagedRun(folder, 1, sizes=OLD).events())
        assert (await ends(loader, 1)).state == Load.COMPLETED
        with polling(lambda: seen.update(house.rows(SUMS))):
            await _fill(generator, folder, house, loader, chance, faults)
    assert seen <= {WHOLE[OLD["orders"]], WHOLE[NEW["orders"]]}
    print(f"{faults} faults; a reader saw {len(seen)} states of the table")


async def _fill(
    generator: GeneratorStandIn,
    folder: Path,
    house: House,
    loader: RunningLoader,
    chance: random.Random,
    faults: int,
) -> None:
    for load_id in range(2, 2 + faults):
        before = house.rows(SUMS)
        point = chance.choice(list(POINTS))
        count = chance.randint(1, POINTS[point])
        failpoint.arm(f"{point}=enospc@{count}")
        try:
            await generator.extend(StagedRun(folder, load_id, sizes=NEW if load_id % 2 == 0 else OLD).events())
            load = await ends(loader, load_id)
        finally:
            failpoint.arm("")
        if load.state == Load.COMPLETED:  # the old rows have fewer batches
            continue
        assert load.failure.reason == "DISK_FULL", f"{point} {count}: {load.failure}"
        assert house.rows(SUMS) == before, f"{point} {count}"
        await ends(loader, load_id, retried=True)
        size = (NEW if load_id % 2 == 0 else OLD)["orders"]
        assert house.rows(SUMS) == [WHOLE[size]], f"{point} {count}"


async def test_a_disk_that_fills_up_changes_nothing(generator: GeneratorStandIn, tmp_path: Path, house: House) -> None:
    """A sample, for every day."""
    await fill_often(generator, tmp_path, house, 2)


@pytest.mark.faults
@pytest.mark.timeout(3000)
async def test_a_disk_that_fills_up_fifty_times_changes_nothing(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """Every point of a load."""
    await fill_often(generator, tmp_path, house, 50)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a small file system of its own there."""
    folder.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if made.returncode:
        words = f"a small file system cannot be mounted here: {made.stderr.strip()}"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def enlarge(folder: Path) -> None:
    """Let a small file system have space again."""
    subprocess.run(["mount", "-o", "remount,size=200m", str(folder)], check=True)


@pytest.mark.faults
async def test_a_load_that_fills_a_real_disk_leaves_the_target_as_it_was(
    generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """What SQLite does on a full file system, not what we think it does; with space again the load goes on."""
    warehouse = tmp_path / "warehouse"
    with small_disk(warehouse):
        async with running(tmp_path / "data", generator, warehouse_dir=warehouse) as loader:
            await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
            assert (await ends(loader, 1)).state == Load.COMPLETED
            [file] = (warehouse / "sqlite").glob("*.db")
            before = checksum(file, "orders")
            large = StagedRun(tmp_path, 2, sizes={"orders": 200_000}, batch_rows=20_000)
            seen: set[tuple[Any, ...]] = set()
            with polling(lambda: seen.update(rows(file, SUMS))):
                await generator.extend(large.events())
                load = await ends(loader, 2)
                assert (load.state, load.failure.reason) == (Load.FAILED, "DISK_FULL"), load.failure
                assert checksum(file, "orders") == before
                enlarge(warehouse)
                assert (await ends(loader, 2, retried=True)).statistics.inserted == 200_000
            assert table_names(file) == {"customers", "orders"}
            assert seen <= {WHOLE[OLD["orders"]], WHOLE[200_000]}
