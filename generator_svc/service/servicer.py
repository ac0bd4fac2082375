"""GeneratorService: one method per rpc, each as thin as the contract lets it be."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any, TypeAlias

import grpc
from dwsim.common.v1 import server_info_pb2
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1 import generator_service_pb2_grpc, run_pb2

from dwsim_wire.fault import FieldProblem, InvalidArgument, InvalidPageToken
from dwsim_wire.paging import decode_number, decode_token, encode_token, number_of, page_size
from dwsim_wire.unbroken import unbroken
from generator_svc.core.engine_version import ENGINE_VERSION
from generator_svc.core.run import Run
from generator_svc.service.checking import Checking
from generator_svc.service.messages import file_message, run_message
from generator_svc.service.preview import Preview
from generator_svc.service.starting import Starting
from generator_svc.service.watching import Watching
from generator_svc.store import FilePlace, Store
from generator_svc.worker import Removal, Worker
from generator_svc.worker.removal import Removed

FULL_NAME = pb.DESCRIPTOR.services_by_name["GeneratorService"].full_name
FORMATS = ("format.parquet", "format.csv", "format.json_lines", "format.arrow_ipc")
FEATURES = ("kind.full", "kind.append", "kind.change_set", *FORMATS, "staging.file", "staging.s3", "preview", "check")
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class GeneratorServicer(generator_service_pb2_grpc.GeneratorServiceServicer):
    """The rpcs of the generator."""

    store: Store
    worker: Worker
    removal: Removal
    starting: Starting
    watching: Watching
    preview: Preview
    checking: Checking

    async def StartRun(self, request: pb.StartRunRequest, _context: Context) -> pb.StartRunResponse:
        """Accept a run; with `wait`, answer when it has ended."""
        self.worker.refuse_draining()
        run = await unbroken(self._start(request))
        if not request.wait:
            return _started(run, [])
        run = await self.worker.ended(run.run_id)
        files = await asyncio.to_thread(self.store.batches.of_run, run.run_id)
        return _started(run, [file.uri for file in files])

    async def GetRun(self, request: pb.GetRunRequest, _context: Context) -> pb.GetRunResponse:
        """Answer a run as it stands."""
        run = await asyncio.to_thread(self.store.runs.get, request.run_id, request.experiment)
        return pb.GetRunResponse(run=self._message(run))

    async def ListRuns(self, request: pb.ListRunsRequest, _context: Context) -> pb.ListRunsResponse:
        """List runs, newest first."""
        size = page_size(request.page_size)
        before = decode_number("ListRuns", request.page_token, request.experiment)
        runs = await asyncio.to_thread(self.store.runs.page, request.experiment, before, size + 1)
        more = encode_token("ListRuns", runs[size - 1].run_id, request.experiment) if len(runs) > size else ""
        return pb.ListRunsResponse(runs=[self._message(run) for run in runs[:size]], next_page_token=more)

    async def WatchRun(self, request: pb.WatchRunRequest, _context: Context) -> AsyncIterator[pb.WatchRunResponse]:
        """Stream a run until it has ended."""
        async for answer in self.watching.run(request.run_id):
            yield answer

    async def WatchBatches(
        self, request: pb.WatchBatchesRequest, _context: Context
    ) -> AsyncIterator[pb.WatchBatchesResponse]:
        """Stream the event log from a cursor."""
        async for answer in self.watching.batches(request):
            yield answer

    async def AbortRun(self, request: pb.AbortRunRequest, _context: Context) -> pb.AbortRunResponse:
        """Ask a run to stop."""
        return pb.AbortRunResponse(run=run_message(await self.worker.abort(request.run_id)))

    async def DeleteRuns(self, request: pb.DeleteRunsRequest, _context: Context) -> pb.DeleteRunsResponse:
        """Delete runs, or take a step in the deletion of an experiment."""
        removed = await self._remove(request)
        return pb.DeleteRunsResponse(
            deleted_runs=removed.runs, deleted_files=removed.files, aborted_runs=removed.aborted
        )

    async def PreviewTable(self, request: pb.PreviewTableRequest, _context: Context) -> pb.PreviewTableResponse:
        """Make rows without a run."""
        return await self.preview.answer(request)

    async def CheckRun(self, request: pb.CheckRunRequest, _context: Context) -> pb.CheckRunResponse:
        """Check a run's staged data against its experiment."""
        return await self.checking.answer(request)

    async def ListStagedFiles(
        self, request: pb.ListStagedFilesRequest, _context: Context
    ) -> pb.ListStagedFilesResponse:
        """List staged files, newest run first."""
        size, filters = page_size(request.page_size), f"{request.run_id} {request.experiment}"
        after = _file_place(decode_token("ListStagedFiles", request.page_token, filters))
        page = self.store.batches.page
        found = await asyncio.to_thread(page, request.run_id, request.experiment, after, size + 1)
        files = [file_message(file) for _, file in found[:size]]
        more = _file_token(found[size - 1][0], filters) if len(found) > size else ""
        return pb.ListStagedFilesResponse(files=files, next_page_token=more)

    async def CleanStaging(self, request: pb.CleanStagingRequest, _context: Context) -> pb.CleanStagingResponse:
        """Delete files of ended runs, and files that no run knows."""
        if request.older_than_days < 0:
            raise InvalidArgument("older_than_days is negative", fields=[FieldProblem("older_than_days", "negative")])
        removed = await self.removal.clean(request.run_ids, request.older_than_days, dry_run=request.dry_run)
        return pb.CleanStagingResponse(files=removed.files, bytes=removed.bytes)

    async def ReportLoaded(self, request: pb.ReportLoadedRequest, _context: Context) -> pb.ReportLoadedResponse:
        """Delete the files of a loaded run that need not be kept."""
        removed = await self.removal.loaded(request.run_id, request.experiment_id, request.log_id)
        return pb.ReportLoadedResponse(deleted_files=removed.files)

    async def GetServerInfo(self, _request: pb.GetServerInfoRequest, _context: Context) -> pb.GetServerInfoResponse:
        """Describe this server."""
        info = server_info_pb2.ServerInfo(
            service="generator",
            version=metadata.version("dw-simulator"),
            engine_version=ENGINE_VERSION,
            features=FEATURES,
        )
        return pb.GetServerInfoResponse(server=info)

    def _message(self, run: Run) -> run_pb2.Run:
        return run_message(run, self.worker.waits_for(run))

    async def _start(self, request: pb.StartRunRequest) -> Run:
        run, plan = await self.starting.start(request)
        if run.state.active:
            self.worker.submit(run.run_id, plan)
        return run

    async def _remove(self, request: pb.DeleteRunsRequest) -> Removed:
        step = request.step
        if step and (not request.experiment_id or request.run_ids):
            raise InvalidArgument(
                "a step of a deletion is about one experiment, not about runs",
                fields=[FieldProblem("experiment_id", "required with a step")],
            )
        if request.experiment_id and not step:
            raise InvalidArgument(
                "experiment_id without a step of its deletion",
                hint="name the runs to delete in run_ids, or say the step",
                fields=[FieldProblem("experiment_id", "only with a step")],
            )
        if step == pb.DeleteRunsRequest.STOP:
            return await self.removal.stop_experiment(request.experiment_id)
        if step == pb.DeleteRunsRequest.PURGE:
            return await self.removal.purge_experiment(request.experiment_id)
        return await self.removal.delete_runs(request.run_ids, force=request.force)


def _started(run: Run, files: list[str]) -> pb.StartRunResponse:
    return pb.StartRunResponse(
        run_id=run.run_id,
        status=run_pb2.Run.State.Value(run.state),
        row_counts={table.name: table.rows for table in run.tables},
        file_paths=files,
        run=run_message(run),
    )


def _file_token(place: FilePlace, filters: str) -> str:
    return encode_token("ListStagedFiles", " ".join(map(str, place)), filters)


def _file_place(position: str | None) -> FilePlace | None:
    if position is None:
        return None
    try:
        return FilePlace(*(number_of("ListStagedFiles", number) for number in position.split()))
    except TypeError:
        raise InvalidPageToken("page_token is not one that ListStagedFiles gave") from None
