"""An S3 server that fails now and then: loads end whole, whatever it answered."""

import shutil
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2

from dwsim_wire import object_store
from tests.faults.chance import seeded
from tests.faults.s3_relay import KINDS, relay
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, StagedRun
from tests.loader_svc.warehouse_files import checksum
from tests.s3 import Prefix, client_of

Load = load_pb2.Load
WHOLE_ORDERS = [(ORDERS, ORDERS, ORDERS * (ORDERS + 1) // 2, ORDERS)]
SHARE = 0.5
PATIENT = 600.0


async def fail_often(folder: Path, s3: Prefix, monkeypatch: pytest.MonkeyPatch, faults: int) -> None:
    """Load the same run again and again through the relay, until so many answers and some of each kind are harmed."""
    seed, chance = seeded()
    monkeypatch.setattr(object_store, "ANSWER_SECONDS", 1.0)
    generator = GeneratorStandIn()  # type: ignore[abstract]  # the loader calls no other rpc
    await generator.start()
    await generator.extend(StagedRun(folder, bucket=s3.root).events())
    with relay(s3.server.port, chance, SHARE) as between:
        while sum(between.done.values()) < faults or len(between.done) < len(KINDS):
            with client_of(s3.server, monkeypatch, AWS_ENDPOINT_URL=between.url):
                async with running(folder / "data", generator, staging_retry_seconds=PATIENT) as loader:
                    load = await loader.ended(1)
                    assert load.state == Load.COMPLETED, f"{load.failure} (seed {seed})"
                    assert load.statistics.inserted == CUSTOMERS + ORDERS
                    assert checksum(loader.file(), "orders") == WHOLE_ORDERS, f"seed {seed}"
            shutil.rmtree(folder / "data")
    await generator.stop()
    print(f"faults: {dict(between.done)}")


async def test_a_failing_s3_server_changes_nothing(tmp_path: Path, s3: Prefix, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of fault, for every day."""
    await fail_often(tmp_path, s3, monkeypatch, 6)


@pytest.mark.faults
@pytest.mark.timeout(3000)
async def test_an_s3_server_that_fails_a_hundred_times_changes_nothing(
    tmp_path: Path, s3: Prefix, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rare interleavings need many tries."""
    await fail_often(tmp_path, s3, monkeypatch, 100)
