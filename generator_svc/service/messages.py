"""Values of core -> messages of the contract."""

from dwsim.common.v1 import failure_pb2, load_options_pb2
from dwsim.generator.v1 import event_pb2, run_pb2, staged_file_pb2
from dwsim.generator.v1.change_spec_pb2 import ChangeSpec
from dwsim.schema.v1 import experiment_pb2
from google.protobuf import json_format, timestamp_pb2

from generator_svc.core.event import BatchFinished, Event, RunDeleted, RunEnded, RunStarted, TableFinished
from generator_svc.core.run import Failure, LoadOptions, Run, RunTable, StagedFile
from generator_svc.core.spec import Segment


def moment(microseconds: int) -> timestamp_pb2.Timestamp:
    """UTC microseconds since 1970 as a Timestamp."""
    return timestamp_pb2.Timestamp(seconds=microseconds // 1_000_000, nanos=microseconds % 1_000_000 * 1000)


def run_message(run: Run, waits_for: str = "") -> run_pb2.Run:
    """A run with its tables and progress, and what it waits for."""
    return run_pb2.Run(
        run_id=run.run_id,
        experiment=run.experiment,
        experiment_id=run.experiment_id,
        experiment_revision=run.experiment_revision,
        kind=run_pb2.Run.Kind.Value(run.order.kind),
        state=run_pb2.Run.State.Value(run.state),
        seed=run.order.seed,
        as_of=run.order.as_of,
        engine_version=run.order.engine_version,
        batch_rows=run.order.batch_rows,
        staging_uri=run.staging_uri,
        auto_load=run.order.auto_load,
        base_run_id=run.order.base_run_id,
        tables=[_table(table) for table in run.tables],
        failure=failure_message(run.failure),
        create_time=moment(run.create_time),
        end_time=None if run.end_time is None else moment(run.end_time),
        rows_done=sum(table.rows_done for table in run.tables),
        bytes_done=sum(table.bytes_done for table in run.tables),
        version=run.version,
        change_output=_output(run),
        format=run_pb2.Run.Format.Value(run.order.format),
        waits_for=waits_for,
        retention=run_pb2.Run.Retention.Value(run.order.retention),
        expire_days=run.order.expire_days,
        load_options=_load_options(run.order.load_options) if run.order.auto_load else None,
    )


def _load_options(options: LoadOptions) -> load_options_pb2.LoadOptions:
    names = load_options_pb2.LoadOptions
    return names(
        on_error=names.OnError.Value(options.on_error),
        max_errors=options.max_errors,
        schema_drift=names.SchemaDrift.Value(options.schema_drift),
    )


def failure_message(failure: Failure | None) -> failure_pb2.Failure | None:
    """Why a run ended badly."""
    if failure is None:
        return None
    return failure_pb2.Failure(reason=failure.reason, message=failure.message, hint=failure.hint)


def file_message(file: StagedFile) -> staged_file_pb2.StagedFile:
    """A staged file."""
    return staged_file_pb2.StagedFile(
        run_id=file.run_id,
        experiment=file.experiment,
        table=file.table,
        batch_index=file.batch_index,
        uri=file.uri,
        rows=file.rows,
        bytes=file.bytes,
        checksum=file.checksum,
        create_time=moment(file.create_time),
    )


def event_message(event: Event, log_id: str) -> event_pb2.Event:
    """A fact of the log."""
    message = event_pb2.Event(
        log_id=log_id,
        sequence=event.sequence,
        time=moment(event.time),
        run_id=event.run_id,
        experiment=event.experiment,
        experiment_id=event.experiment_id,
    )
    match event.fact:
        case RunStarted(run, document):
            pinned = json_format.Parse(document, experiment_pb2.Experiment(), ignore_unknown_fields=True)
            message.run_started.CopyFrom(event_pb2.RunStarted(run=run_message(run), experiment=pinned))
        case BatchFinished(table, batch_index, first_row, rows, uri, size, checksum):
            message.batch_finished.CopyFrom(
                event_pb2.BatchFinished(
                    table=table,
                    batch_index=batch_index,
                    first_row=first_row,
                    rows=rows,
                    uri=uri,
                    bytes=size,
                    checksum=checksum,
                )
            )
        case TableFinished(table, rows, batches, content_hash):
            message.table_finished.CopyFrom(
                event_pb2.TableFinished(table=table, rows=rows, batches=batches, content_hash=content_hash)
            )
        case RunEnded(state, failure):
            ended = event_pb2.RunEnded(state=run_pb2.Run.State.Value(state), failure=failure_message(failure))
            message.run_ended.CopyFrom(ended)
        case RunDeleted(files):
            message.run_deleted.CopyFrom(event_pb2.RunDeleted(files=files))
    return message


def _output(run: Run) -> ChangeSpec.Output.ValueType:
    changes = run.order.changes
    return ChangeSpec.Output.Value(changes.output) if changes else ChangeSpec.OUTPUT_UNSPECIFIED


def _table(table: RunTable) -> run_pb2.RunTable:
    return run_pb2.RunTable(
        name=table.name,
        first_row=table.first_row,
        rows=table.rows,
        batches=table.batches,
        rows_done=table.rows_done,
        batches_done=table.batches_done,
        bytes_done=table.bytes_done,
        content_hash=table.content_hash,
        segments=[_segment(segment) for segment in table.segments],
        batch_rows=table.batch_rows,
    )


def _segment(segment: Segment) -> run_pb2.Segment:
    return run_pb2.Segment(first_row=segment.first_row, rows=segment.rows, parent_rows=dict(segment.parent_rows))
