"""Values as messages of the contract."""

from collections.abc import Iterable

from dwsim.common.v1 import failure_pb2, logical_type_pb2, sql_dialect_pb2, warehouse_pb2
from dwsim.loader.v1 import load_pb2, loader_service_pb2, reject_pb2, warehouse_status_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from dwsim_wire.fault import InvalidArgument
from loader_svc.core.document import Column, LogicalType
from loader_svc.core.loads import (
    Failure,
    Load,
    LoadBatch,
    LoadedTable,
    LoadState,
    Location,
    TableCounts,
    WarehouseStatus,
)
from loader_svc.core.rejects import Reject

Kind = warehouse_pb2.Warehouse.Kind


def load_message(load: Load, now: int) -> load_pb2.Load:
    """A load as it stands at `now`, in microseconds since 1970."""
    applied = load.state is LoadState.COMPLETED
    message = load_pb2.Load(
        load_id=load.load_id,
        run_id=load.run_id,
        experiment=load.experiment,
        experiment_id=load.experiment_id,
        warehouse=Kind.Value(load.warehouse),
        state=load_pb2.Load.State.Value(load.state),
        mode=load_pb2.Load.Mode.Value(load.mode),
        tables=[_table(table, applied=applied) for table in load.tables],
        statistics=_statistics(load.tables, applied=applied),
        failure=failure_message(load.failure) if load.failure else None,
        retries=load.retries,
        create_time=time_message(load.create_time),
        start_time=time_message(load.start_time),
        end_time=time_message(load.end_time),
        automatic=load.automatic,
        ingest=load.ingest,
        on_error=load_pb2.Load.OnError.Value(load.tolerance.on_error),
        max_errors=load.tolerance.max_errors,
        schema_drift=load_pb2.Load.SchemaDrift.Value(load.tolerance.drift),
        replay_of=load.replay_of,
        prepare_time=time_message(load.prepare_time),
        apply_time=time_message(load.apply_time),
    )
    message.statistics.rows_per_second = load.rows_per_second(now)
    return message


def batch_message(of: LoadBatch) -> load_pb2.LoadBatch:
    """A batch of a load."""
    return load_pb2.LoadBatch(
        table=of.batch.table,
        batch_index=of.batch.index,
        rows=of.batch.rows,
        bytes=of.batch.bytes,
        uri=of.batch.uri,
        staged=of.staged,
        stage_time=time_message(of.stage_time),
        stage_seconds=of.stage_seconds,
        attempts=of.attempts,
    )


def reject_message(reject: Reject) -> reject_pb2.Reject:
    """A refused row."""
    return reject_pb2.Reject(
        load_id=reject.load_id,
        table=reject.table,
        batch_index=reject.batch_index,
        row=reject.row,
        reason=reject.reason,
        message=reject.message,
        uri=reject.uri,
        values=reject.values,
    )


def location_message(location: Location) -> loader_service_pb2.LocateTablesResponse:
    """Where an experiment's tables are."""
    return loader_service_pb2.LocateTablesResponse(
        experiment_id=location.experiment_id,
        experiment=location.experiment,
        warehouse=Kind.Value(location.warehouse),
        namespace=location.namespace,
        dialect=sql_dialect_pb2.SqlDialect.Name.Value(location.dialect or "NAME_UNSPECIFIED"),
        tables=[_located(item) for item in location.tables],
        generation=location.generation,
    )


def warehouse_message(status: WarehouseStatus, *, default: bool) -> warehouse_status_pb2.WarehouseStatus:
    """A configured warehouse."""
    return warehouse_status_pb2.WarehouseStatus(
        kind=Kind.Value(status.kind),
        version=status.version,
        reachable=status.reachable,
        problem=status.problem,
        stand_in=status.stand_in,
        default_warehouse=default,
        can_enforce=status.can_enforce,
    )


def warehouse_name(number: int) -> str:
    """Kind of a warehouse by its number in a request; "" where none is named."""
    if number not in Kind.values():
        raise InvalidArgument(f"target_warehouse has no kind {number}", metadata={"field": "target_warehouse"})
    return Kind.Name(number) if number else ""  # type: ignore[arg-type]  # checked to be a member


def _table(table: TableCounts, *, applied: bool) -> load_pb2.LoadTable:
    return load_pb2.LoadTable(
        name=table.name,
        rows=table.rows,
        rows_staged=table.rows_staged,
        batches=table.batches,
        batches_staged=table.batches_staged,
        statistics=_statistics([table], applied=applied),
        target=table.target,
        first_batch_time=time_message(table.first_time),
        last_batch_time=time_message(table.last_time),
        duplicates=[
            load_pb2.KeyDuplicates(columns=found.columns, rows=found.rows, sample=found.sample)
            for found in table.duplicates
        ],
    )


def _statistics(tables: Iterable[TableCounts], *, applied: bool) -> load_pb2.LoadStatistics:
    counted = list(tables)
    return load_pb2.LoadStatistics(
        inserted=sum(table.inserted for table in counted),
        skipped=sum(table.rows - table.inserted - table.rejected for table in counted) if applied else 0,
        rejected=sum(table.rejected for table in counted),
        deleted=sum(table.deleted for table in counted),
        bytes=sum(table.bytes_staged for table in counted),
        files=sum(table.batches_staged for table in counted),
    )


def failure_message(failure: Failure) -> failure_pb2.Failure:
    """Why long work ended badly."""
    return failure_pb2.Failure(reason=failure.reason, message=failure.message, hint=failure.hint)


def time_message(microseconds: int) -> Timestamp | None:
    """Microseconds since 1970; none for 0."""
    if not microseconds:
        return None
    moment = Timestamp()
    moment.FromMicroseconds(microseconds)
    return moment


def _located(item: LoadedTable) -> warehouse_status_pb2.LocatedTable:
    return warehouse_status_pb2.LocatedTable(
        name=item.table.name,
        target=item.target,
        rows=item.rows,
        columns=[_column(column) for column in item.table.columns],
        primary_key=item.table.primary_key,
        properties=dict(item.table.properties or {}),
        load_id=item.load_id,
    )


def _column(column: Column) -> warehouse_status_pb2.LocatedColumn:
    return warehouse_status_pb2.LocatedColumn(
        name=column.name,
        data_type=column.data_type,
        logical_type=_logical_type(column.logical_type),
        required=column.required,
        target=column.target or column.name,
        properties=dict(column.properties or {}),
    )


def _logical_type(logical: LogicalType) -> logical_type_pb2.LogicalType:
    return logical_type_pb2.LogicalType(
        kind=logical_type_pb2.LogicalType.Kind.Value(logical.kind or "KIND_UNSPECIFIED"),
        precision=logical.precision,
        scale=logical.scale,
        length=logical.length,
        fixed_length=logical.fixed_length,
        element=_logical_type(logical.element) if logical.element else None,
    )
