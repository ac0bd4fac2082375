"""Change sets through the real mesh: staged for whoever reads files, never loaded as rows."""

import grpc
from dwsim.generator.v1.change_spec_pb2 import ChangeSpec
from dwsim.generator.v1.generator_service_pb2 import StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.loader.v1.loader_service_pb2 import ListLoadsRequest, StartLoadRequest

from dwsim_wire.client import call
from tests.clients import Clients, refused
from tests.mesh.shop import ROWS, load_shop


async def test_the_loader_leaves_a_change_set_alone(dwsim: Clients, name: str) -> None:
    """A feed loaded as rows would replace a table by its changes: nobody may ask for that by accident."""
    full = await load_shop(dwsim, name)
    for output in (ChangeSpec.CDC_FEED, ChangeSpec.SCD2):
        request = StartRunRequest(
            experiment=name, kind=Run.CHANGE_SET, changes=ChangeSpec(output=output), base_run_id=full.run_id
        )
        started = await call(dwsim.generator.StartRun, request)
        run = await dwsim.run_ended(started.run_id)
        assert run.state == Run.COMPLETED, run.failure
        with refused(grpc.StatusCode.UNIMPLEMENTED, "NOT_YET_AVAILABLE", "change set"):
            await call(dwsim.loader.StartLoad, StartLoadRequest(experiment=name, run_id=run.run_id))
        assert not (await call(dwsim.loader.ListLoads, ListLoadsRequest(run_id=run.run_id))).loads
    again = await call(dwsim.loader.StartLoad, StartLoadRequest(experiment=name, wait=True), timeout=60)
    assert (again.load.state, again.load.run_id) == (Load.COMPLETED, full.run_id), "the newest run that has rows"
    assert await dwsim.rows(name, "SELECT COUNT(*) FROM orders") == [[ROWS["orders"]]]
