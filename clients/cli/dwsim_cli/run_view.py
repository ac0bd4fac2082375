"""Runs and loads as people read them."""

from collections.abc import Iterable

from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.generator.v1.change_spec_pb2 import ChangeSpec
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load, LoadBatch

from dwsim_cli import figures
from dwsim_cli.output import Output


def run(output: Output, one: Run) -> None:
    """Show one run with its tables."""
    taken = figures.elapsed(one.create_time, one.end_time)
    facts = [f"run {one.run_id} of {one.experiment}", Run.State.Name(one.state), f"seed {one.seed}"]
    facts += [f"version {one.version} as {ChangeSpec.Output.Name(one.change_output).lower()}"] if one.version else []
    facts += [f"{figures.count(one.rows_done)} rows", figures.size(one.bytes_done)]
    facts += [figures.seconds(taken), figures.rate(one.rows_done, taken)] if taken else []
    output.say(" · ".join(fact for fact in facts if fact))
    output.table(
        ["table", "rows", "done", "batches", "size", "content hash"],
        (
            [
                t.name,
                figures.count(t.rows),
                figures.count(t.rows_done),
                f"{t.batches_done}/{t.batches}",
                figures.size(t.bytes_done),
                t.content_hash,
            ]
            for t in one.tables
        ),
    )
    output.say(f"files: {one.staging_uri}{_kept(one)}")
    if one.waits_for:
        output.say(f"waits for {one.waits_for}")
    if one.failure.message:
        output.warn(one.failure.message)


def _kept(one: Run) -> str:
    days = f"kept for {one.expire_days} days"
    words = {Run.DELETE_AFTER_LOAD: "kept until they are loaded", Run.EXPIRE_DAYS: days}.get(one.retention)
    return f" ({words})" if words else ""


def runs(output: Output, listed: Iterable[Run]) -> None:
    """Show runs as a list."""
    output.table(
        ["run", "experiment", "kind", "state", "rows", "size", "seed", "started", "took"],
        (
            [
                one.run_id,
                one.experiment,
                Run.Kind.Name(one.kind).lower(),
                Run.State.Name(one.state),
                figures.count(one.rows_done),
                figures.size(one.bytes_done),
                one.seed,
                figures.moment(one.create_time),
                figures.seconds(figures.elapsed(one.create_time, one.end_time)),
            ]
            for one in listed
        ),
    )


def load(output: Output, one: Load) -> None:
    """Show one load with its tables."""
    taken = figures.elapsed(one.create_time, one.end_time)
    rows = one.statistics.inserted + one.statistics.updated
    facts = [
        f"load {one.load_id} of {_source(one)} ({one.experiment}) into {_warehouse(one)}",
        Load.State.Name(one.state),
        Load.Mode.Name(one.mode).lower(),
    ]
    facts += [f"{figures.count(rows)} rows", figures.seconds(taken), figures.rate(rows, taken)] if taken else []
    keys = figures.elapsed(one.prepare_time, one.apply_time)
    facts += [f"keys {figures.seconds(keys)}"] if keys else []
    facts += [f"apply {figures.seconds(figures.elapsed(one.apply_time, one.end_time))}"] if taken and keys else []
    output.say(" · ".join(facts))
    output.table(
        ["table", "rows", "staged", "batches", "staging", "inserted", "updated", "rejected"],
        (
            [
                t.name,
                figures.count(t.rows),
                figures.count(t.rows_staged),
                f"{t.batches_staged}/{t.batches}",
                figures.seconds(figures.elapsed(t.first_batch_time, t.last_batch_time)),
                figures.count(t.statistics.inserted),
                figures.count(t.statistics.updated),
                figures.count(t.statistics.rejected),
            ]
            for t in one.tables
        ),
    )
    for table in one.tables:
        for found in table.duplicates:
            key = ", ".join(found.columns)
            sample = "; ".join(found.sample)
            output.warn(f"{figures.count(found.rows)} rows of {table.name} repeat its key ({key}): {sample}")
    if one.statistics.rejected:
        output.note(f"{figures.count(one.statistics.rejected)} rows were refused: dw-sim load rejects {one.load_id}")
    if one.failure.message:
        output.warn(one.failure.message)


def loads(output: Output, listed: Iterable[Load]) -> None:
    """Show loads as a list."""
    output.table(
        ["load", "run", "experiment", "warehouse", "mode", "state", "rows", "started", "took"],
        (
            [
                one.load_id,
                one.ingest or one.run_id,
                one.experiment,
                _warehouse(one),
                Load.Mode.Name(one.mode).lower(),
                Load.State.Name(one.state),
                figures.count(one.statistics.inserted + one.statistics.updated),
                figures.moment(one.create_time),
                figures.seconds(figures.elapsed(one.create_time, one.end_time)),
            ]
            for one in listed
        ),
    )


def load_batches(output: Output, listed: Iterable[LoadBatch]) -> None:
    """Show the batches of a load as a list."""
    output.table(
        ["table", "batch", "rows", "size", "staged at", "took", "attempts", "file"],
        (
            [
                one.table,
                one.batch_index,
                figures.count(one.rows),
                figures.size(one.bytes),
                figures.moment(one.stage_time) if one.staged else "",
                figures.seconds(one.stage_seconds) if one.staged else "",
                one.attempts,
                one.uri,
            ]
            for one in listed
        ),
    )


def _source(one: Load) -> str:
    return f"ingest {one.ingest}" if one.ingest else f"run {one.run_id}"


def _warehouse(one: Load) -> str:
    return Warehouse.Kind.Name(one.warehouse).lower()
