"""A stage whose server was started again: the emulator forgets stages, and the files in them."""

import signal
from contextlib import closing

import pytest

from dwsim_wire.object_store import never
from loader_svc.core.document import parse_experiment
from loader_svc.core.faults import LeaseLost, WarehouseBusy
from loader_svc.warehouses.snowflake import SnowflakeWriter
from loader_svc.warehouses.snowflake_files import Rows
from tests.loader_svc.staged_runs import SHOP, orders
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.snowflake import Database

FILE = Rows(orders(0, 30), next(t for t in parse_experiment(SHOP).tables if t.name == "orders"))


@pytest.mark.slow
def test_a_stage_that_its_server_forgot_is_worth_another_try(account: Database) -> None:
    """A second session that opens after the start hears of no lost connection, but of no stage: no reason to fail."""
    writer = SnowflakeWriter(account.url)
    with closing(writer.claim(order(writer, rows={"orders": 30}))) as staging:
        uploads = staging._uploads
        uploads.put(0, [FILE], never)
        account.server.end(signal.SIGKILL)
        account.server.start()
        lost = pytest.raises(WarehouseBusy, match="not there any more")
        with lost, uploads.known(), uploads._beside(0, [FILE], never) as others:
            others()
        with pytest.raises(WarehouseBusy, match="connection"):
            stage(staging, "orders", FILE.rows)
        stage(staging, "orders", FILE.rows)
        staging.apply(go_on)
    assert account.rows("SELECT COUNT(*) FROM ORDERS", "SHOP") == [(30,)]


def test_a_load_that_misses_its_table_finds_out_that_it_was_swept(account: Database) -> None:
    """Whoever was swept while it slept must not try for a minute, nor call it a defect."""
    writer = SnowflakeWriter(account.url)
    with closing(writer.claim(order(writer, rows={"orders": 30}))) as slept:
        writer.sweep(writer.namespace("shop", "5f0c"), "loader-a", ())
        for message in ("connection to the warehouse was lost", "not there any more"):
            with pytest.raises(WarehouseBusy, match=message):
                stage(slept, "orders", FILE.rows)
        with pytest.raises(LeaseLost):
            stage(slept, "orders", FILE.rows)
