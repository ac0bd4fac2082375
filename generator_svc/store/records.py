"""Rows of the database <-> the values of `core`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, replace
from typing import Any

import sqlalchemy as sa

from generator_svc.core.event import BatchFinished, Fact, RunDeleted, RunEnded, RunStarted, TableFinished
from generator_svc.core.run import (
    Failure,
    FileFormat,
    LoadOptions,
    Operation,
    PinnedExperiment,
    Retention,
    Run,
    RunKind,
    RunOrder,
    RunState,
    RunTable,
    StagedFile,
    Stretch,
)
from generator_svc.core.spec import Segment
from generator_svc.core.versions import ChangeOutput, ChangeSet, TableVersion
from generator_svc.store import tables

FACTS: Mapping[str, type] = {
    fact.__name__: fact for fact in (RunStarted, BatchFinished, TableFinished, RunEnded, RunDeleted)
}


def run_values(order: RunOrder, experiment: PinnedExperiment) -> dict[str, Any]:
    """Columns of a new run."""
    return {
        "experiment": experiment.name,
        "experiment_id": experiment.experiment_id,
        "experiment_revision": experiment.revision,
        "document": experiment.document,
        "kind": order.kind,
        "state": RunState.PENDING,
        "seed": order.seed,
        "as_of": order.as_of,
        "engine_version": order.engine_version,
        "batch_rows": order.batch_rows,
        "segments": _segments_text(order.segments),
        "auto_load": order.auto_load,
        "base_run_id": order.base_run_id,
        "changes": _changes_text(order.changes) if order.changes else None,
        "format": order.format,
        "retention": order.retention,
        "expire_days": order.expire_days,
        "load_options": json.dumps(asdict(order.load_options)),
    }


def table_values(run_id: int, position: int, table: RunTable) -> dict[str, Any]:
    """Columns of a new run's table."""
    names = ("name", "first_row", "rows", "batch_rows", "rows_done", "batches_done", "bytes_done", "content_hash")
    facts = {name: getattr(table, name) for name in names}
    stretches = json.dumps([list(astuple(stretch)) for stretch in table.stretches]) if table.stretches else None
    more = {"position": position, "partial_hash": "", "batches": table.batches, "stretches": stretches}
    return facts | {"run_id": run_id} | more


def read_runs(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Run]:
    """Runs of database rows, with their tables."""
    ids = [row.run_id for row in rows]
    found = connection.execute(
        sa.select(tables.run_tables).where(tables.run_tables.c.run_id.in_(ids)).order_by(tables.run_tables.c.position)
    )
    by_run: dict[int, list[sa.Row[Any]]] = {run_id: [] for run_id in ids}
    for table in found:
        by_run[table.run_id].append(table)
    return [_run(row, by_run[row.run_id]) for row in rows]


def as_accepted(run: Run) -> Run:
    """The run as it was when it was accepted: pinned facts, no progress."""
    fresh = tuple(
        replace(table, rows_done=0, batches_done=0, bytes_done=0, content_hash="") for table in run.order.tables
    )
    order = replace(run.order, tables=fresh)
    return replace(run, state=RunState.PENDING, failure=None, end_time=None, order=order)


def file_of(row: sa.Row[Any]) -> StagedFile:
    """Staged file of a database row that has its run's experiment."""
    return StagedFile(
        run_id=row.run_id,
        table=row.table_name,
        batch_index=row.batch_index,
        first_row=row.first_row,
        rows=row.rows,
        uri=row.uri,
        bytes=row.bytes,
        checksum=row.checksum,
        experiment=row.experiment,
        create_time=row.create_time,
    )


def fact_text(fact: Fact) -> str:
    """Facts of an event as JSON; those of RunStarted are the run's own pinned columns."""
    return "{}" if isinstance(fact, RunStarted) else json.dumps(asdict(fact))


def fact_of(kind: str, text: str) -> Fact:
    """Read what `fact_text` wrote, of any kind but RunStarted."""
    facts = json.loads(text)
    if kind == RunEnded.__name__:
        failure = facts["failure"]
        return RunEnded(RunState(facts["state"]), Failure(**failure) if failure else None)
    fact: Fact = FACTS[kind](**facts)
    return fact


def _run(row: sa.Row[Any], table_rows: Sequence[sa.Row[Any]]) -> Run:
    segments = _segments(row.segments)
    order = RunOrder(
        kind=RunKind(row.kind),
        seed=row.seed,
        as_of=row.as_of,
        engine_version=row.engine_version,
        batch_rows=row.batch_rows,
        segments=segments,
        tables=tuple(_table(table, segments[table.name]) for table in table_rows),
        auto_load=row.auto_load,
        base_run_id=row.base_run_id,
        changes=_changes(row.changes) if row.changes else None,
        format=FileFormat(row.format),
        retention=Retention(row.retention),
        expire_days=row.expire_days,
        load_options=LoadOptions(**json.loads(row.load_options)),
    )
    failed = row.failure_reason is not None
    return Run(
        run_id=row.run_id,
        experiment=row.experiment,
        experiment_id=row.experiment_id,
        experiment_revision=row.experiment_revision,
        state=RunState(row.state),
        order=order,
        staging_uri=row.staging_uri,
        failure=Failure(row.failure_reason, row.failure_message, row.failure_hint) if failed else None,
        create_time=row.create_time,
        end_time=row.end_time,
    )


def _table(row: sa.Row[Any], segments: tuple[Segment, ...]) -> RunTable:
    return RunTable(
        name=row.name,
        first_row=row.first_row,
        rows=row.rows,
        batch_rows=row.batch_rows,
        segments=segments,
        rows_done=row.rows_done,
        batches_done=row.batches_done,
        bytes_done=row.bytes_done,
        content_hash=row.content_hash,
        stretches=tuple(Stretch(Operation(kind), *rest) for kind, *rest in json.loads(row.stretches or "[]")),
    )


def _changes_text(changes: ChangeSet) -> str:
    versions = {name: [asdict(each) for each in versions] for name, versions in changes.versions.items()}
    return json.dumps({"output": changes.output, "versions": versions})


def _changes(text: str) -> ChangeSet:
    facts = json.loads(text)
    versions = {
        name: tuple(TableVersion(tuple(each["deaths"]), tuple(each["updates"])) for each in versions)
        for name, versions in facts["versions"].items()
    }
    return ChangeSet(ChangeOutput(facts["output"]), versions)


def _segments_text(segments: Mapping[str, Sequence[Segment]]) -> str:
    return json.dumps({name: [_segment_facts(segment) for segment in items] for name, items in segments.items()})


def _segment_facts(segment: Segment) -> dict[str, Any]:
    facts = {"first_row": segment.first_row, "rows": segment.rows, "parent_rows": dict(segment.parent_rows)}
    return facts | ({"version": segment.version} if segment.version else {})


def _segments(text: str) -> dict[str, tuple[Segment, ...]]:
    return {name: tuple(Segment(**facts) for facts in items) for name, items in json.loads(text).items()}
