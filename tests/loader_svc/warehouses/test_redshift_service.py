"""A loader whose DW_SIMULATOR_REDSHIFT_URL names Redshift, through its door."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb
from pydantic import SecretStr

from dwsim_wire.client import call
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, SHOP, StagedRun
from tests.loader_svc.warehouses.redshift_double import RedshiftDouble
from tests.postgres import Database
from tests.s3 import Prefix

Load = load_pb2.Load
KEY, SECRET = "AKIAEXAMPLE", "wJalr/EXAMPLE"


@pytest.fixture
def redshift(database: Database) -> Iterator[RedshiftDouble]:
    with closing(RedshiftDouble(database)) as double:
        yield double


async def test_a_run_in_a_bucket_is_loaded_by_one_copy_a_table(
    tmp_path: Path, generator: GeneratorStandIn, redshift: RedshiftDouble, database: Database, s3: Prefix
) -> None:
    """Detected by its version; a COPY for every file would let most of a cluster's slices idle."""
    run = StagedRun(tmp_path, bucket=s3.root.child("generated", "shop", "1"))
    settings = {"redshift_url": SecretStr(redshift.url)}
    async with running(tmp_path / "data", generator, **settings) as loader:
        await generator.add(*run.events())
        load = await loader.ended()
        assert (load.state, load.statistics.inserted) == (Load.COMPLETED, CUSTOMERS + ORDERS), load.failure
        [warehouse, _] = (await call(loader.stub.ListWarehouses, pb.ListWarehousesRequest())).warehouses
    assert (warehouse.version, warehouse.stand_in, warehouse.can_enforce) == ("Redshift 1.0.68555", False, False)
    assert len([sql for sql in redshift.statements if sql.startswith("COPY")]) == len(SHOP["tables"])
    sums = "SELECT count(*), count(DISTINCT order_id), sum(order_id) FROM shop.orders"
    assert database.rows(sums) == [(ORDERS, ORDERS, ORDERS * (ORDERS + 1) // 2)]


async def test_a_run_in_a_directory_is_refused_with_what_to_do(
    tmp_path: Path, generator: GeneratorStandIn, redshift: RedshiftDouble, database: Database
) -> None:
    """Redshift cannot reach this machine's files."""
    async with running(tmp_path / "data", generator, redshift_url=SecretStr(redshift.url)) as loader:
        await generator.add(*StagedRun(tmp_path).events())
        load = await loader.ended()
    assert (load.state, load.failure.reason) == (Load.FAILED, "STAGING_OUT_OF_REACH")
    assert "--stage s3" in load.failure.hint
    left = database.rows("SELECT relname FROM pg_class WHERE relname LIKE '_dwsim_0%' AND relkind = 'r'")
    assert left == [], "what was staged is dropped"


async def test_keys_are_sent_to_redshift_and_told_to_nobody(
    tmp_path: Path, generator: GeneratorStandIn, redshift: RedshiftDouble, s3: Prefix, caplog: pytest.LogCaptureFixture
) -> None:
    """Redshift quotes the statement that it complains about, with the keys in it."""
    run = StagedRun(tmp_path, bucket=s3.root.child("generated", "shop", "1"))
    keys = {
        "redshift_copy_access_key_id": SecretStr(KEY),
        "redshift_copy_secret_access_key": SecretStr(SECRET),
        "redshift_url": SecretStr(redshift.url),
    }
    redshift.refuse("^COPY", "42601", f"syntax error at or near {KEY} {SECRET}")
    async with running(tmp_path / "data", generator, **keys) as loader:
        await generator.add(*run.events())
        load = await loader.ended()
    assert load.state == Load.FAILED
    [copy] = [sql for sql in redshift.statements if sql.startswith("COPY")]
    assert f"ACCESS_KEY_ID '{KEY}' SECRET_ACCESS_KEY '{SECRET}'" in copy
    told = caplog.text + str(load)
    assert "42601" in told
    assert KEY not in told
    assert SECRET not in told


async def test_experiments_that_ask_for_enforced_keys_are_refused(
    tmp_path: Path, generator: GeneratorStandIn, redshift: RedshiftDouble, s3: Prefix
) -> None:
    """Nobody may believe that Redshift checked them."""
    run = StagedRun(tmp_path, bucket=s3.root.child("shop"), document=SHOP | {"constraints": "ENFORCED"})
    async with running(tmp_path / "data", generator, redshift_url=SecretStr(redshift.url)) as loader:
        await generator.add(*run.events())
        assert (await loader.ended()).failure.reason == "KEYS_NOT_ENFORCEABLE"
