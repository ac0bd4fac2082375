"""Rows as values: loads, batches and locations as `core.loads` has them."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from loader_svc.core.document import read_table, table_facts
from loader_svc.core.duplicates import KeyDuplicates
from loader_svc.core.faults import UnknownLoad
from loader_svc.core.lineage import UNKNOWN
from loader_svc.core.loads import Batch, Failure, Load, LoadBatch, LoadedTable, LoadState, Location, Mode, TableCounts
from loader_svc.core.rejects import RejectFile
from loader_svc.core.tolerance import OnError, SchemaDrift, Tolerance
from loader_svc.store import tables as t

Row = sa.Row[Any]


def read_load(connection: sa.Connection, load_id: int) -> Load:
    """One load with its tables."""
    found = read_loads(connection, sa.select(t.loads).where(t.loads.c.load_id == load_id))
    if not found:
        raise UnknownLoad(
            f"there is no load {load_id}", hint="`ListLoads` lists them", metadata={"load_id": str(load_id)}
        )
    return found[0]


def read_loads(connection: sa.Connection, query: sa.Select[Any]) -> list[Load]:
    """Loads that `query` selects, in its order, with their tables."""
    rows = connection.execute(query).all()
    ids = [row.load_id for row in rows]
    tables: dict[int, list[TableCounts]] = {load_id: [] for load_id in ids}
    of_loads = t.load_tables.c.load_id.in_(ids)
    for row in connection.execute(sa.select(t.load_tables).where(of_loads).order_by(t.load_tables.c.position)):
        tables[row.load_id].append(_counts(row))
    return [_load(row, tables[row.load_id]) for row in rows]


def _counts(row: Row) -> TableCounts:
    return TableCounts(
        name=row.name,
        target=row.target,
        rows=row.rows,
        batches=row.batches,
        rows_staged=row.rows_staged,
        batches_staged=row.batches_staged,
        bytes_staged=row.bytes_staged,
        inserted=row.inserted,
        deleted=row.deleted,
        rejected=row.rejected,
        duplicates=read_duplicates(row.duplicates),
        first_time=row.first_time,
        last_time=row.last_time,
    )


def _load(row: Row, tables: Sequence[TableCounts]) -> Load:
    return Load(
        load_id=row.load_id,
        uid=row.uid,
        run_id=row.run_id,
        experiment=row.experiment,
        experiment_id=row.experiment_id,
        warehouse=row.warehouse,
        namespace=row.namespace,
        state=LoadState(row.state),
        mode=Mode(row.mode),
        automatic=row.automatic,
        tables=tuple(tables),
        failure=read_failure(row.failure),
        retries=row.retries,
        create_time=row.create_time,
        start_time=row.start_time,
        end_time=row.end_time,
        ingest=row.ingest,
        tolerance=Tolerance(OnError(row.on_error), row.max_errors, SchemaDrift(row.schema_drift)),
        replay_of=row.replay_of,
        prepare_time=row.prepare_time,
        apply_time=row.apply_time,
    )


def read_batch(row: Row) -> Batch:
    """A staged file, from a row of `batches`."""
    return Batch(
        row.table_name,
        row.batch_index,
        row.first_row,
        row.rows,
        row.uri,
        row.bytes,
        row.checksum,
        first_group=row.first_group,
        groups=row.groups,
        offset=row.offset,
    )


def read_load_batch(row: Row) -> LoadBatch:
    """A batch of a load, from a row of `batches` with that of `work`."""
    return LoadBatch(
        row.position, read_batch(row), row.staged, row.stage_time, row.stage_microseconds / 1e6, row.attempts
    )


def read_reject_file(row: Row) -> RejectFile:
    """A file of rejects, from a row of `rejects`."""
    return RejectFile(row.table_name, row.batch_index, row.uri, row.rows, row.bytes, row.checksum)


def write_duplicates(found: Sequence[KeyDuplicates]) -> str:
    """Repeated keys as text."""
    return json.dumps([[item.columns, item.rows, item.sample] for item in found], ensure_ascii=False)


def read_duplicates(text: str) -> tuple[KeyDuplicates, ...]:
    """Read what `write_duplicates` wrote."""
    return tuple(KeyDuplicates(tuple(columns), rows, tuple(sample)) for columns, rows, sample in json.loads(text))


def read_location(row: Row) -> Location:
    """A location, from a row of `locations`."""
    catalog = [
        LoadedTable(
            item["target"], item["rows"], item["load_id"], read_table(item["table"]), tuple(item.get("runs", [UNKNOWN]))
        )
        for item in json.loads(row.catalog)
    ]
    return Location(
        row.experiment,
        row.experiment_id,
        row.warehouse,
        row.namespace,
        row.dialect,
        row.generation,
        tuple(catalog),
    )


def write_catalog(catalog: Sequence[LoadedTable]) -> str:
    """A target's catalog as text."""
    items = [
        {
            "target": item.target,
            "rows": item.rows,
            "load_id": item.load_id,
            "table": table_facts(item.table),
            "runs": item.runs,
        }
        for item in catalog
    ]
    return json.dumps(items, ensure_ascii=False)


def write_failure(failure: Failure | None) -> str:
    """A failure as text; empty for none."""
    return json.dumps([failure.reason, failure.message, failure.hint]) if failure else ""


def read_failure(text: str) -> Failure | None:
    """Read what `write_failure` wrote."""
    return Failure(*json.loads(text)) if text else None
