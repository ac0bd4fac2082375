"""Accepting a load: its row, its tables, and work for every batch that is there already."""

import json
import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from dwsim_wire.clock import now
from loader_svc.core import naming
from loader_svc.core.document import parse_experiment
from loader_svc.core.loads import LoadState, Mode, Route, Run, TableCounts
from loader_svc.core.tolerance import STRICT, Tolerance
from loader_svc.store import tables as t
from loader_svc.store.records import read_failure, write_failure


def read_run(connection: sa.Connection, row: sa.Row[Any]) -> Run:
    """A run with its tables and the names that these get in a target."""
    document = parse_experiment(json.loads(row.document))
    targets = naming.targets(table.name for table in document.tables)
    query = sa.select(t.run_tables).where(t.run_tables.c.run_key == row.run_key).order_by(t.run_tables.c.position)
    return Run(
        key=row.run_key,
        run_id=row.run_id,
        experiment=row.experiment,
        experiment_id=row.experiment_id,
        kind=row.kind,
        state=row.state,
        failure=read_failure(row.failure),
        deleted=row.deleted,
        document=document,
        format=row.format,
        tables=tuple(
            TableCounts(item.name, targets.get(item.name, item.name), item.rows, item.batches)
            for item in connection.execute(query)
        ),
    )


def insert_load(
    connection: sa.Connection,
    run: Run,
    route: Route,
    mode: Mode,
    *,
    tables: Collection[str] = (),
    automatic: bool = False,
    ingest: str = "",
    tolerance: Tolerance = STRICT,
    replay_of: int = 0,
) -> int:
    """Store a load of `tables` (all if empty) and its work; answer its id."""
    more = {"mode": mode, "automatic": automatic, "ingest": ingest, "replay_of": replay_of}
    more |= {"on_error": tolerance.on_error, "max_errors": tolerance.max_errors, "schema_drift": tolerance.drift}
    result = connection.execute(sa.insert(t.loads).values(_new(run, route) | more))
    [load_id] = result.inserted_primary_key or [0]
    chosen = [item for item in run.tables if not tables or item.name in tables]
    for position, item in enumerate(chosen):
        values = {"name": item.name, "target": item.target, "rows": item.rows, "batches": item.batches}
        connection.execute(sa.insert(t.load_tables).values(load_id=load_id, position=position, **values))
    if not route.failure:
        insert_work(connection, int(load_id))
    return int(load_id)


def _new(run: Run, route: Route) -> dict[str, Any]:
    """Columns of a load of `run` that nothing was done for yet."""
    at = now()
    return {
        "uid": uuid.uuid4().hex,
        "run_key": run.key,
        "run_id": run.run_id,
        "experiment": run.experiment,
        "experiment_id": run.experiment_id,
        "warehouse": route.warehouse,
        "namespace": route.namespace,
        "state": LoadState.FAILED if route.failure else LoadState.PENDING,
        "failure": write_failure(route.failure),
        "retries": 0,
        "create_time": at,
        "start_time": 0,
        "end_time": at if route.failure else 0,
    }


def insert_work(connection: sa.Connection, load_id: int) -> None:
    """Give a load work for every batch of its tables that is staged already, where it has not got it yet."""
    batches = (
        sa.select(sa.literal(load_id), t.batches.c.table_name, t.batches.c.batch_index, sa.literal(False))
        .join(t.loads, t.loads.c.run_key == t.batches.c.run_key)
        .join(
            t.load_tables,
            (t.load_tables.c.load_id == t.loads.c.load_id) & (t.load_tables.c.name == t.batches.c.table_name),
        )
        .where(t.loads.c.load_id == load_id)
    )
    columns = ["load_id", "table_name", "batch_index", "staged"]
    connection.execute(sa.insert(t.work).prefix_with("OR IGNORE").from_select(columns, batches))
