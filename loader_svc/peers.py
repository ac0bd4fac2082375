"""The door out: the generator's event log, as values of `core.events`, and experiments of the schema service."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from dwsim.common.v1 import load_options_pb2
from dwsim.generator.v1 import event_pb2, generator_service_pb2, generator_service_pb2_grpc, run_pb2
from dwsim.schema.v1 import experiment_pb2, schema_service_pb2, schema_service_pb2_grpc
from google.protobuf.json_format import MessageToDict

from dwsim_wire.client import call, open_channel, stream
from loader_svc.core.events import (
    BatchFinished,
    Cursor,
    Event,
    Happening,
    RunDeleted,
    RunEnded,
    RunStarted,
    RunTable,
    TableFinished,
)
from loader_svc.core.faults import ExperimentDeleted
from loader_svc.core.loads import Batch, Failure, LoadedRun
from loader_svc.core.tolerance import OnError, SchemaDrift, Tolerance

PEER = "generator"


class GeneratorPeer:
    """The generator's log, followed from a cursor."""

    def __init__(self, address: str) -> None:
        self._channel = open_channel(address)
        self._stub = generator_service_pb2_grpc.GeneratorServiceStub(self._channel)

    @asynccontextmanager
    async def events(
        self, after: Cursor, *, follow: bool, timeout: float | None = None
    ) -> AsyncIterator[AsyncGenerator[Event, None]]:
        """Stream events after a cursor; without `follow`, to the newest event. `timeout` is in seconds."""
        async with aclosing(self._events(after, follow=follow, timeout=timeout)) as events:
            yield events

    async def report_loaded(self, run: LoadedRun) -> None:
        """Tell the generator that a run is loaded."""
        request = generator_service_pb2.ReportLoadedRequest(
            run_id=run.run_id, experiment_id=run.experiment_id, log_id=run.log_id
        )
        await call(self._stub.ReportLoaded, request, peer=PEER)

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()

    async def _events(self, after: Cursor, *, follow: bool, timeout: float | None) -> AsyncGenerator[Event, None]:
        request = generator_service_pb2.WatchBatchesRequest(
            log_id=after.log_id, after_sequence=after.sequence, follow=follow
        )
        async with aclosing(stream(self._stub.WatchBatches, request, timeout=timeout, peer=PEER)) as answers:
            async for answer in answers:
                if answer.WhichOneof("kind") == "event":
                    yield _event(answer.event)


@dataclass(frozen=True, slots=True)
class FoundExperiment:
    """The newest revision of an experiment; `document` is its proto JSON."""

    name: str
    experiment_id: str
    document: dict[str, Any]


class SchemaPeer:
    """Reads experiments."""

    def __init__(self, address: str) -> None:
        self._channel = open_channel(address)
        self._stub = schema_service_pb2_grpc.SchemaServiceStub(self._channel)

    async def experiment(self, name: str) -> FoundExperiment:
        """Newest revision of an experiment; the peer's own fault where there is none."""
        request = schema_service_pb2.GetExperimentRequest(name=name)
        found = (await call(self._stub.GetExperiment, request, peer="schema service")).experiment
        if found.state == experiment_pb2.Experiment.DELETING:
            raise ExperimentDeleted(f"experiment {found.name!r} is deleted", metadata={"experiment": found.name})
        return FoundExperiment(found.name, found.id, MessageToDict(found, preserving_proto_field_name=True))

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


def _event(message: event_pb2.Event) -> Event:
    return Event(
        log_id=message.log_id,
        sequence=message.sequence,
        run_id=message.run_id,
        experiment=message.experiment,
        experiment_id=message.experiment_id,
        what=_happening(message),
    )


def _happening(message: event_pb2.Event) -> Happening | None:
    match message.WhichOneof("kind"):
        case "run_started":
            return _run_started(message.run_started)
        case "batch_finished":
            return BatchFinished(_batch(message.batch_finished))
        case "table_finished":
            done = message.table_finished
            return TableFinished(done.table, done.rows, done.batches)
        case "run_ended":
            return _run_ended(message.run_ended)
        case "run_deleted":
            return RunDeleted()
        case _:
            return None


def _run_started(message: event_pb2.RunStarted) -> RunStarted:
    run = message.run
    born = run.create_time.ToNanoseconds()
    return RunStarted(
        kind=run_pb2.Run.Kind.Name(run.kind),
        auto_load=run.auto_load,
        fingerprint=f"{run.experiment_id} {run.run_id} {run.seed} {born} {run.staging_uri}",
        tables=tuple(RunTable(table.name, table.first_row, table.rows, table.batches) for table in run.tables),
        document=MessageToDict(message.experiment, preserving_proto_field_name=True),
        base_run_id=run.base_run_id,
        format=run_pb2.Run.Format.Name(run.format or run_pb2.Run.PARQUET),
        delete_after_load=run.retention == run_pb2.Run.DELETE_AFTER_LOAD,
        tolerance=_tolerance(run.load_options),
    )


def _tolerance(options: load_options_pb2.LoadOptions) -> Tolerance:
    """What a run's load tolerates; a name that a newer generator knows is the strict one's."""
    errors, drifts = options.OnError, options.SchemaDrift
    on_error = errors.Name(options.on_error) if options.on_error in errors.values() else ""
    drift = drifts.Name(options.schema_drift) if options.schema_drift in drifts.values() else ""
    return Tolerance(
        OnError(on_error) if on_error in OnError.__members__ else OnError.ABORT,
        max(options.max_errors, 0),
        SchemaDrift(drift) if drift in SchemaDrift.__members__ else SchemaDrift.FAIL,
    )


def _batch(message: event_pb2.BatchFinished) -> Batch:
    return Batch(
        table=message.table,
        index=message.batch_index,
        first_row=message.first_row,
        rows=message.rows,
        uri=message.uri,
        bytes=message.bytes,
        checksum=message.checksum,
    )


def _run_ended(message: event_pb2.RunEnded) -> RunEnded:
    failed = message.failure
    failure = Failure(failed.reason, failed.message, failed.hint) if message.HasField("failure") else None
    return RunEnded(run_pb2.Run.State.Name(message.state), failure)
