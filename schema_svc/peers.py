"""The door out: what the deletion of an experiment asks of generator and loader."""

from dwsim.generator.v1 import generator_service_pb2 as generator_pb2
from dwsim.generator.v1 import generator_service_pb2_grpc
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1 import loader_service_pb2 as loader_pb2
from dwsim.loader.v1 import loader_service_pb2_grpc
from dwsim.loader.v1.load_pb2 import Load

from dwsim_wire.client import call, open_channel
from dwsim_wire.errors import RemoteFault

_ACTIVE_RUNS = frozenset({Run.PENDING, Run.RUNNING, Run.ABORTING})
_ACTIVE_LOADS = frozenset({Load.PENDING, Load.STAGING, Load.APPLYING, Load.ABORTING})
_KNOWS_NOTHING = frozenset({"UNKNOWN_EXPERIMENT", "UNIMPLEMENTED", "NOT_YET_AVAILABLE"})
_STEP_SECONDS = 120.0
_QUESTION_SECONDS = 10.0


class GeneratorPeer:
    """Stops and deletes the runs of an experiment; both may be asked again."""

    def __init__(self, address: str) -> None:
        self._channel = open_channel(address)
        self._stub = generator_service_pb2_grpc.GeneratorServiceStub(self._channel)

    async def active_runs(self, name: str) -> list[int]:
        """Ids of the runs of an experiment that have not ended, among its newest."""
        request = generator_pb2.ListRunsRequest(experiment=name)
        try:
            answer = await call(self._stub.ListRuns, request, timeout=_QUESTION_SECONDS, peer="generator")
        except RemoteFault as fault:
            if fault.reason in _KNOWS_NOTHING:
                return []
            raise
        return [run.run_id for run in answer.runs if run.state in _ACTIVE_RUNS]

    async def stop_runs(self, experiment_id: str) -> None:
        """Have new runs refused for ever, and active ones stopped."""
        await self._delete(experiment_id, generator_pb2.DeleteRunsRequest.STOP)

    async def purge_runs(self, experiment_id: str) -> tuple[int, int]:
        """Have runs and files deleted; answers how many of each."""
        answer = await self._delete(experiment_id, generator_pb2.DeleteRunsRequest.PURGE)
        return answer.deleted_runs, answer.deleted_files

    async def _delete(
        self, experiment_id: str, step: generator_pb2.DeleteRunsRequest.Step.ValueType
    ) -> generator_pb2.DeleteRunsResponse:
        request = generator_pb2.DeleteRunsRequest(experiment_id=experiment_id, step=step, force=True)
        return await call(self._stub.DeleteRuns, request, timeout=_STEP_SECONDS, peer="generator")

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


class LoaderPeer:
    """Drops the loaded tables of an experiment; it may be asked again."""

    def __init__(self, address: str) -> None:
        self._channel = open_channel(address)
        self._stub = loader_service_pb2_grpc.LoaderServiceStub(self._channel)

    async def active_loads(self, name: str) -> list[int]:
        """Ids of the loads of an experiment that have not ended, among its newest."""
        request = loader_pb2.ListLoadsRequest(experiment=name)
        try:
            answer = await call(self._stub.ListLoads, request, timeout=_QUESTION_SECONDS, peer="loader")
        except RemoteFault as fault:
            if fault.reason in _KNOWS_NOTHING:
                return []
            raise
        return [load.load_id for load in answer.loads if load.state in _ACTIVE_LOADS]

    async def drop_tables(self, experiment_id: str, *, force: bool) -> int:
        """Have new loads refused for ever and tables dropped; answers how many."""
        request = loader_pb2.DropExperimentRequest(experiment_id=experiment_id, force=force)
        answer = await call(self._stub.DropExperiment, request, timeout=_STEP_SECONDS, peer="loader")
        return answer.dropped_tables

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()
