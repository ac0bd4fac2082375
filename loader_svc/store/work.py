"""The work of a load: its batches, which of them the target has, and what they took.

It is kept as long as the experiment.
"""

from typing import Any

import sqlalchemy as sa

from dwsim_wire.clock import now
from loader_svc.core.loads import Batch, LoadBatch, Staged
from loader_svc.store import tables as t
from loader_svc.store.records import read_load_batch


def batches_of(load_id: int, *columns: Any) -> sa.Select[Any]:
    """Batches that a load has to stage or has staged, parents' tables first."""
    return (
        sa.select(*columns)
        .select_from(t.batches)
        .join(t.loads, t.loads.c.run_key == t.batches.c.run_key)
        .join(
            t.work,
            (t.work.c.load_id == t.loads.c.load_id)
            & (t.work.c.table_name == t.batches.c.table_name)
            & (t.work.c.batch_index == t.batches.c.batch_index),
        )
        .join(
            t.load_tables,
            (t.load_tables.c.load_id == t.loads.c.load_id) & (t.load_tables.c.name == t.batches.c.table_name),
        )
        .where(t.loads.c.load_id == load_id)
        .order_by(t.load_tables.c.position, t.batches.c.batch_index)
    )


def page_of_batches(
    connection: sa.Connection, load_id: int, table: str, after: tuple[int, int], limit: int
) -> list[LoadBatch]:
    """Batches of a load behind a table's position and a place in it."""
    work = (t.work.c.staged, t.work.c.stage_time, t.work.c.stage_microseconds, t.work.c.attempts)
    query = batches_of(load_id, t.batches, t.load_tables.c.position, *work).limit(limit)
    query = query.where(sa.tuple_(t.load_tables.c.position, t.batches.c.batch_index) > after)
    if table:
        query = query.where(t.batches.c.table_name == table)
    return [read_load_batch(row) for row in connection.execute(query)]


def forget(connection: sa.Connection, experiment_id: str) -> None:
    """Forget the batches of an experiment, and what became of them."""
    loads = sa.select(t.loads.c.load_id).where(t.loads.c.experiment_id == experiment_id)
    runs = sa.select(t.runs.c.run_key).where(t.runs.c.experiment_id == experiment_id)
    connection.execute(sa.delete(t.work).where(t.work.c.load_id.in_(loads)))
    connection.execute(sa.delete(t.batches).where(t.batches.c.run_key.in_(runs)))


def count_attempts(connection: sa.Connection, load_id: int, batch: Batch, attempts: int) -> None:
    """Count attempts at a batch."""
    item = (t.work.c.load_id == load_id) & (t.work.c.table_name == batch.table)
    item &= t.work.c.batch_index == batch.index
    connection.execute(sa.update(t.work).where(item).values(attempts=t.work.c.attempts + attempts))


def forget_times(connection: sa.Connection, load_id: int) -> None:
    """Forget when batches were staged that the target does not have."""
    lost = (t.work.c.load_id == load_id) & ~t.work.c.staged & (t.work.c.stage_time != 0)
    connection.execute(sa.update(t.work).where(lost).values(stage_time=0, stage_microseconds=0))


def mark(connection: sa.Connection, load_id: int, table: str, index: int, staged: Staged | None = None) -> None:
    """Count a batch that the target has; without `staged` somebody else staged it, or it was noted before."""
    item = (t.work.c.load_id == load_id) & (t.work.c.table_name == table) & (t.work.c.batch_index == index)
    at = now()
    noted: dict[str, Any] = {"staged": True}
    if staged:
        noted |= {"stage_time": at, "stage_microseconds": int(staged.seconds * 1e6)}
        noted |= {"attempts": t.work.c.attempts + staged.attempts}
    if connection.execute(sa.update(t.work).where(item, ~t.work.c.staged).values(noted)).rowcount == 0:
        return
    batch = (
        sa.select(t.batches.c.rows, t.batches.c.bytes)
        .join(t.loads, t.loads.c.run_key == t.batches.c.run_key)
        .where(t.loads.c.load_id == load_id, t.batches.c.table_name == table, t.batches.c.batch_index == index)
    )
    rows, size = connection.execute(batch).one()
    of_batch = (t.rejects.c.table_name == table) & (t.rejects.c.batch_index == index)
    rejected = connection.scalar(sa.select(t.rejects.c.rows).where(t.rejects.c.load_id == load_id, of_batch)) or 0
    first = t.load_tables.c.first_time
    counts = {
        "rows_staged": t.load_tables.c.rows_staged + rows - rejected,
        "rejected": t.load_tables.c.rejected + rejected,
        "batches_staged": t.load_tables.c.batches_staged + 1,
        "bytes_staged": t.load_tables.c.bytes_staged + size,
    }
    if staged:
        counts |= {"first_time": sa.case((first == 0, at), else_=first), "last_time": at}
    of_table = (t.load_tables.c.load_id == load_id) & (t.load_tables.c.name == table)
    connection.execute(sa.update(t.load_tables).where(of_table).values(counts))
