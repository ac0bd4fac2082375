"""LoaderService: messages in, messages out; the work is `worker.loader.Loader`'s."""

from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any, TypeAlias

import grpc
from dwsim.common.v1 import server_info_pb2
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire import paging
from dwsim_wire.clock import now
from dwsim_wire.fault import InvalidArgument, NotYetAvailable
from dwsim_wire.fingerprint import fingerprint
from loader_svc.core.loads import Load, Mode
from loader_svc.core.tolerance import OnError, SchemaDrift, Tolerance
from loader_svc.service.ingesting import IngestRpcs
from loader_svc.service.messages import (
    batch_message,
    load_message,
    location_message,
    reject_message,
    warehouse_message,
    warehouse_name,
)
from loader_svc.worker.ingester import Ingester
from loader_svc.worker.loader import Loader, LoadRequest

TABLE_STEP = 1 << 32
"""What a page token counts for a table: beyond every place of a batch."""
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class LoaderServicer(IngestRpcs):
    """The door of the loader."""

    def __init__(self, loader: Loader, ingester: Ingester) -> None:
        super().__init__(ingester)
        self._loader = loader

    async def StartLoad(self, request: pb.StartLoadRequest, _context: Context) -> pb.StartLoadResponse:
        """Load a run."""
        load = await self._loader.start_load(_load_request(request))
        if request.wait:
            load = await self._loader.ended_load(load)
        message = _message(load)
        return pb.StartLoadResponse(load_id=load.load_id, status=message.state, load=message)

    async def GetLoad(self, request: pb.GetLoadRequest, _context: Context) -> pb.GetLoadResponse:
        """Answer a load."""
        return pb.GetLoadResponse(load=_message(await self._loader.load(request.load_id)))

    async def ListLoads(self, request: pb.ListLoadsRequest, _context: Context) -> pb.ListLoadsResponse:
        """Page through loads, newest first."""
        filters = f"{request.experiment.lower()} {request.run_id}"
        size = paging.page_size(request.page_size)
        before = paging.decode_number("ListLoads", request.page_token, filters)
        loads = await self._loader.loads(request.experiment, request.run_id, before, size + 1)
        more = len(loads) > size
        token = paging.encode_token("ListLoads", loads[size - 1].load_id, filters) if more else ""
        return pb.ListLoadsResponse(loads=[_message(load) for load in loads[:size]], next_page_token=token)

    async def WatchLoad(self, request: pb.WatchLoadRequest, _context: Context) -> AsyncIterator[pb.WatchLoadResponse]:
        """Stream a load until it has ended."""
        load = await self._loader.load(request.load_id)
        yield pb.WatchLoadResponse(load=_message(load))
        while not load.ended:
            load = await self._loader.changed_load(load)
            yield pb.WatchLoadResponse(load=_message(load))

    async def AbortLoad(self, request: pb.AbortLoadRequest, _context: Context) -> pb.AbortLoadResponse:
        """Stop a load."""
        return pb.AbortLoadResponse(load=_message(await self._loader.abort(request.load_id)))

    async def RetryLoad(self, request: pb.RetryLoadRequest, _context: Context) -> pb.RetryLoadResponse:
        """Try a failed load again."""
        return pb.RetryLoadResponse(load=_message(await self._loader.retry(request.load_id)))

    async def DropExperiment(self, request: pb.DropExperimentRequest, _context: Context) -> pb.DropExperimentResponse:
        """Take the loader's step in the deletion of an experiment."""
        if not request.experiment_id:
            raise InvalidArgument("experiment_id is empty", metadata={"field": "experiment_id"})
        tables, loads = await self._loader.drop(request.experiment_id, force=request.force)
        return pb.DropExperimentResponse(dropped_tables=tables, aborted_loads=loads)

    async def ListWarehouses(self, _request: pb.ListWarehousesRequest, _context: Context) -> pb.ListWarehousesResponse:
        """List the configured warehouses."""
        found = await self._loader.warehouses()
        return pb.ListWarehousesResponse(
            warehouses=[warehouse_message(status, default=place == 0) for place, status in enumerate(found)]
        )

    async def LocateTables(self, request: pb.LocateTablesRequest, _context: Context) -> pb.LocateTablesResponse:
        """Say where tables are."""
        return location_message(await self._loader.locate(request.experiment))

    async def GetServerInfo(self, _request: pb.GetServerInfoRequest, _context: Context) -> pb.GetServerInfoResponse:
        """Describe this server."""
        kinds = [f"warehouse.{kind.lower()}" for kind in self._loader.kinds()]
        info = server_info_pb2.ServerInfo(service="loader", version=version("dw-simulator"), features=kinds)
        return pb.GetServerInfoResponse(server=info)

    async def ListLoadBatches(
        self, request: pb.ListLoadBatchesRequest, _context: Context
    ) -> pb.ListLoadBatchesResponse:
        """Page through the batches of a load."""
        filters = f"{request.load_id} {request.table}"
        size = paging.page_size(request.page_size)
        place = paging.decode_number("ListLoadBatches", request.page_token, filters)
        after = (-1, -1) if place is None else divmod(place, TABLE_STEP)
        found = await self._loader.batches(request.load_id, request.table, after, size + 1)
        if len(found) <= size:
            return pb.ListLoadBatchesResponse(batches=map(batch_message, found))
        last = found[size - 1].position * TABLE_STEP + found[size - 1].batch.index
        token = paging.encode_token("ListLoadBatches", last, filters)
        return pb.ListLoadBatchesResponse(batches=map(batch_message, found[:size]), next_page_token=token)

    async def ListRejects(self, request: pb.ListRejectsRequest, _context: Context) -> pb.ListRejectsResponse:
        """Page through the rows that the target refused."""
        filters = f"{request.load_id} {request.table}"
        size = paging.page_size(request.page_size)
        after = paging.decode_number("ListRejects", request.page_token, filters) or 0
        rejects = await self._loader.rejects(request.load_id, request.table, after, size + 1)
        token = paging.encode_token("ListRejects", after + size, filters) if len(rejects) > size else ""
        return pb.ListRejectsResponse(rejects=map(reject_message, rejects[:size]), next_page_token=token)

    async def ReplayRejects(self, request: pb.ReplayRejectsRequest, _context: Context) -> pb.ReplayRejectsResponse:
        """Try refused rows again."""
        load = await self._loader.replay(request.load_id, request.table)
        if request.wait:
            load = await self._loader.ended_load(load)
        return pb.ReplayRejectsResponse(load=_message(load))

    async def CreateLoadPlan(self, _request: pb.CreateLoadPlanRequest, _context: Context) -> pb.CreateLoadPlanResponse:
        """Wait for a later version."""
        raise _later("load plans")

    async def GetLoadPlan(self, _request: pb.GetLoadPlanRequest, _context: Context) -> pb.GetLoadPlanResponse:
        """Wait for a later version."""
        raise _later("load plans")

    async def ListLoadPlans(self, _request: pb.ListLoadPlansRequest, _context: Context) -> pb.ListLoadPlansResponse:
        """Wait for a later version."""
        raise _later("load plans")

    async def UpdateLoadPlan(self, _request: pb.UpdateLoadPlanRequest, _context: Context) -> pb.UpdateLoadPlanResponse:
        """Wait for a later version."""
        raise _later("load plans")

    async def DeleteLoadPlan(self, _request: pb.DeleteLoadPlanRequest, _context: Context) -> pb.DeleteLoadPlanResponse:
        """Wait for a later version."""
        raise _later("load plans")


def _message(load: Load) -> load_pb2.Load:
    return load_message(load, now())


def _later(what: str) -> NotYetAvailable:
    return NotYetAvailable(f"{what} are not served yet", hint="loads run with modes APPEND and OVERWRITE")


def _load_request(request: pb.StartLoadRequest) -> LoadRequest:
    if not request.run_id and not request.experiment:
        raise InvalidArgument(
            "StartLoad names neither a run nor an experiment",
            hint="set run_id, or experiment for its newest run",
            metadata={"field": "experiment"},
        )
    if request.load_plan:
        raise _later("load plans")
    return LoadRequest(
        run_id=request.run_id,
        experiment=request.experiment,
        tables=tuple(request.tables),
        warehouse=warehouse_name(request.target_warehouse),
        mode=_mode(request.mode) if request.mode else None,
        request_id=request.request_id,
        payload=fingerprint(request, "wait"),
        tolerance=_tolerance(request),
    )


def _tolerance(request: pb.StartLoadRequest) -> Tolerance:
    if request.max_errors < 0:
        raise InvalidArgument(
            f"max_errors is {request.max_errors}", hint="0 sets no limit", metadata={"field": "max_errors"}
        )
    on_error = _member("on_error", load_pb2.Load.OnError, request.on_error)
    drift = _member("schema_drift", load_pb2.Load.SchemaDrift, request.schema_drift)
    return Tolerance(
        OnError(on_error) if request.on_error else OnError.ABORT,
        request.max_errors,
        SchemaDrift(drift) if request.schema_drift else SchemaDrift.FAIL,
    )


def _member(field: str, names: Any, number: int) -> str:
    if number not in names.values():
        raise InvalidArgument(f"{field} has no value {number}", metadata={"field": field})
    return str(names.Name(number))


def _mode(number: int) -> Mode:
    modes = load_pb2.Load.Mode
    if number not in modes.values():
        raise InvalidArgument(f"mode has no value {number}", metadata={"field": "mode"})
    name = modes.Name(number)  # type: ignore[arg-type]  # checked to be a member
    if name not in Mode.__members__:
        raise NotYetAvailable(f"mode {name} is not served yet", hint="use APPEND or OVERWRITE")
    return Mode(name)
