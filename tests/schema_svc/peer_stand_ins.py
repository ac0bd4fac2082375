"""A generator and a loader on the network that know deletion and nothing else."""

import asyncio
from dataclasses import dataclass, field

import grpc
from dwsim.generator.v1 import generator_service_pb2 as generator_pb2
from dwsim.generator.v1 import generator_service_pb2_grpc
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1 import loader_service_pb2 as loader_pb2
from dwsim.loader.v1 import loader_service_pb2_grpc
from dwsim.loader.v1.load_pb2 import Load

from dwsim_wire.fault import Fault
from dwsim_wire.interceptor import CallInterceptor, Context


class LoadActive(Fault):
    """What the loader answers where a load is active and force is not said."""

    reason = "LOAD_ACTIVE"


@dataclass
class Peers:
    """Both peers at one address; `asked` has every deletion step that reached them, in order.

    Whether a load is active they only say once `answering` is set; `questions` counts who wants to know.
    """

    asked: list[str] = field(default_factory=list)
    active_runs: list[int] = field(default_factory=list)
    active_loads: list[int] = field(default_factory=list)
    listed_loads: bool = True
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    questions: int = 0
    address: str = ""
    _server: grpc.aio.Server | None = None

    def __post_init__(self) -> None:
        self.answering.set()

    async def start(self, port: int = 0) -> None:
        self._server = grpc.aio.server(interceptors=[CallInterceptor({LoadActive: grpc.StatusCode.ABORTED})])
        generator_service_pb2_grpc.add_GeneratorServiceServicer_to_server(
            _Generator(self),  # type: ignore[abstract]  # it knows deletion only
            self._server,
        )
        loader_service_pb2_grpc.add_LoaderServiceServicer_to_server(
            _Loader(self),  # type: ignore[abstract]  # it knows deletion only
            self._server,
        )
        self.address = f"127.0.0.1:{self._server.add_insecure_port(f'127.0.0.1:{port}')}"
        await self._server.start()

    async def stop(self) -> None:
        if self._server:
            await self._server.stop(0)
            self._server = None

    async def restart(self) -> None:
        """Listen at the same address again."""
        await self.start(int(self.address.rpartition(":")[2]))


class _Generator(generator_service_pb2_grpc.GeneratorServiceServicer):
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def ListRuns(
        self, request: generator_pb2.ListRunsRequest, context: Context
    ) -> generator_pb2.ListRunsResponse:
        runs = [Run(run_id=run_id, state=Run.RUNNING) for run_id in self._peers.active_runs]
        return generator_pb2.ListRunsResponse(runs=[*runs, Run(run_id=1, state=Run.COMPLETED)])

    async def DeleteRuns(
        self, request: generator_pb2.DeleteRunsRequest, context: Context
    ) -> generator_pb2.DeleteRunsResponse:
        step = generator_pb2.DeleteRunsRequest.Step.Name(request.step)
        self._peers.asked.append(f"{step} {request.experiment_id}")
        self._peers.active_runs.clear()
        purged = request.step == generator_pb2.DeleteRunsRequest.PURGE
        return generator_pb2.DeleteRunsResponse(deleted_runs=2 * purged, deleted_files=7 * purged)


class _Loader(loader_service_pb2_grpc.LoaderServiceServicer):
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def ListLoads(self, request: loader_pb2.ListLoadsRequest, context: Context) -> loader_pb2.ListLoadsResponse:
        self._peers.questions += 1
        await self._peers.answering.wait()
        shown = self._peers.active_loads if self._peers.listed_loads else []
        return loader_pb2.ListLoadsResponse(loads=[Load(load_id=load_id, state=Load.STAGING) for load_id in shown])

    async def DropExperiment(
        self, request: loader_pb2.DropExperimentRequest, context: Context
    ) -> loader_pb2.DropExperimentResponse:
        if self._peers.active_loads and not request.force:
            raise LoadActive(f"load {self._peers.active_loads[0]} is active")
        self._peers.asked.append(f"DROP {request.experiment_id}")
        self._peers.active_loads.clear()
        return loader_pb2.DropExperimentResponse(dropped_tables=3)
