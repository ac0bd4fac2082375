"""An abort ends what Snowflake does for a load, in whichever statement it is; the target stays as it was."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire.client import call
from loader_svc.warehouses.snowflake_session import Session
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.processes import wait_for
from tests.snowflake import Database

Load = load_pb2.Load
COUNTS = "SELECT (SELECT COUNT(*) FROM CUSTOMERS), (SELECT COUNT(*) FROM ORDERS)"
OLD, NEW = {"customers": 20, "orders": 60}, {"customers": 70, "orders": 250}
FOR_EVER = " CROSS JOIN (SELECT 1 FROM TABLE(GENERATOR(ROWCOUNT => 1000000000000)))"


BESIDE = f"SELECT COUNT(*) FROM ORDERS{FOR_EVER}"


@pytest.mark.parametrize(
    "word", ["INSERT OVERWRITE INTO", pytest.param("SELECT TARGET, ROW_COUNT", marks=pytest.mark.slow)]
)
async def test_a_statement_that_takes_for_ever_is_ended(
    generator: GeneratorStandIn, tmp_path: Path, account: Database, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """A large table takes minutes to overwrite; a session that is ended between transactions must not begin anew."""
    endless, run = threading.Event(), Session._run

    def slow(session: Session, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if word in sql:
            endless.set()
            return run(session, sql + FOR_EVER if sql.startswith("INSERT") else BESIDE, ())
        return run(session, sql, parameters)

    async with running(tmp_path / "data", generator, snowflake_url=account.url) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
        assert (await loader.ended(1)).state == Load.COMPLETED
        monkeypatch.setattr(Session, "_run", slow)
        await generator.extend(StagedRun(tmp_path, 2, sizes=NEW).events())
        assert await asyncio.to_thread(endless.wait, 60)
        await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=2))
        load = await loader.ended(2)
        assert (load.state, load.failure.reason) == (Load.ABORTED, "ABORTED_BY_USER")
        loaded = {"customers", "orders"}
        await asyncio.to_thread(wait_for, lambda: account.table_names("SHOP") == loaded, "its rows to go")
    assert account.rows(COUNTS, "SHOP") == [tuple(OLD.values())]
