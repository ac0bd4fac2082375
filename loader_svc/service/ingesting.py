"""Rpcs of ingests: messages in, messages out; the work is `worker.ingester.Ingester`'s."""

from typing import Any, TypeAlias

import grpc
from dwsim.loader.v1 import ingest_pb2, loader_service_pb2_grpc
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire import paging
from dwsim_wire.fault import InvalidArgument
from loader_svc.core.ingests import FileState, Ingest, IngestedFile
from loader_svc.service.messages import Kind, failure_message, time_message, warehouse_name
from loader_svc.worker.ingester import Ingester, IngestRequest

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
SHOWN_AS = {FileState.WAITING: FileState.LOADING}
"""States of the contract for those that it does not have."""


class IngestRpcs(loader_service_pb2_grpc.LoaderServiceServicer):
    """The part of LoaderService that is about ingests."""

    def __init__(self, ingester: Ingester) -> None:
        self._ingester = ingester

    async def CreateIngest(self, request: pb.CreateIngestRequest, _context: Context) -> pb.CreateIngestResponse:
        """Begin to watch a place."""
        wanted = IngestRequest(
            name=request.name,
            uri=request.uri,
            experiment=request.experiment,
            table=request.table,
            warehouse=warehouse_name(request.target_warehouse),
            pattern=request.pattern,
        )
        return pb.CreateIngestResponse(ingest=ingest_message(await self._ingester.create(wanted)))

    async def ListIngests(self, request: pb.ListIngestsRequest, _context: Context) -> pb.ListIngestsResponse:
        """Page through ingests by name."""
        size, filters = paging.page_size(request.page_size), request.experiment.lower()
        after = paging.decode_token("ListIngests", request.page_token, filters) or ""
        found = await self._ingester.page(request.experiment, after, size + 1)
        last = found[size - 1].made_of.name if len(found) > size else ""
        token = paging.encode_token("ListIngests", last, filters) if last else ""
        return pb.ListIngestsResponse(ingests=[ingest_message(each) for each in found[:size]], next_page_token=token)

    async def GetIngest(self, request: pb.GetIngestRequest, _context: Context) -> pb.GetIngestResponse:
        """Answer an ingest."""
        return pb.GetIngestResponse(ingest=ingest_message(await self._ingester.get(request.name)))

    async def ListIngestedFiles(
        self, request: pb.ListIngestedFilesRequest, _context: Context
    ) -> pb.ListIngestedFilesResponse:
        """Page through the files of an ingest."""
        size, filters = paging.page_size(request.page_size), f"{request.name.lower()} {request.state}"
        after = paging.decode_token("ListIngestedFiles", request.page_token, filters) or ""
        found = await self._ingester.files(request.name, _states(request.state), after, size + 1)
        last = found[size - 1].read.sight.uri if len(found) > size else ""
        token = paging.encode_token("ListIngestedFiles", last, filters) if last else ""
        return pb.ListIngestedFilesResponse(files=[file_message(each) for each in found[:size]], next_page_token=token)

    async def PauseIngest(self, request: pb.PauseIngestRequest, _context: Context) -> pb.PauseIngestResponse:
        """Look no more."""
        return pb.PauseIngestResponse(ingest=ingest_message(await self._ingester.pause(request.name)))

    async def ResumeIngest(self, request: pb.ResumeIngestRequest, _context: Context) -> pb.ResumeIngestResponse:
        """Look again."""
        return pb.ResumeIngestResponse(ingest=ingest_message(await self._ingester.resume(request.name)))

    async def DeleteIngest(self, request: pb.DeleteIngestRequest, _context: Context) -> pb.DeleteIngestResponse:
        """Forget an ingest."""
        await self._ingester.delete(request.name)
        return pb.DeleteIngestResponse()


def ingest_message(ingest: Ingest) -> ingest_pb2.Ingest:
    """An ingest as it stands."""
    of, files = ingest.made_of, ingest.files
    return ingest_pb2.Ingest(
        name=of.name,
        uri=of.uri,
        pattern=of.pattern,
        experiment=of.experiment,
        experiment_id=of.experiment_id,
        table=of.table,
        warehouse=Kind.Value(of.warehouse),
        state=ingest_pb2.Ingest.PAUSED if ingest.paused else ingest_pb2.Ingest.ACTIVE,
        files_loaded=files.get(FileState.LOADED, 0) + files.get(FileState.CHANGED, 0),
        files_loading=files.get(FileState.LOADING, 0) + files.get(FileState.WAITING, 0),
        files_refused=files.get(FileState.REFUSED, 0),
        files_changed=files.get(FileState.CHANGED, 0),
        rows_loaded=ingest.rows,
        failure=failure_message(ingest.failure) if ingest.failure else None,
        create_time=time_message(ingest.create_time),
        look_time=time_message(ingest.look_time),
    )


def file_message(file: IngestedFile) -> ingest_pb2.IngestedFile:
    """A file of an ingest."""
    read = file.read
    return ingest_pb2.IngestedFile(
        uri=read.sight.uri,
        bytes=read.sight.bytes,
        checksum=read.checksum,
        rows=read.rows,
        state=ingest_pb2.IngestedFile.State.Value(SHOWN_AS.get(file.state, file.state)),
        load_id=file.load_id,
        failure=failure_message(read.failure) if read.failure else None,
        time=time_message(file.time),
    )


def _states(number: int) -> list[FileState]:
    """States of the store that a state of the contract stands for; none where all are wanted."""
    states = ingest_pb2.IngestedFile.State
    if number not in states.values():
        raise InvalidArgument(f"state has no value {number}", metadata={"field": "state"})
    name = states.Name(number)  # type: ignore[arg-type]  # checked to be a member
    return [state for state in FileState if SHOWN_AS.get(state, state) == name]
