"""What every warehouse checks and says when it stages and applies a load. Pure: counts and catalogs in, faults out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from loader_svc.core.document import Table
from loader_svc.core.faults import (
    ConstraintViolated,
    LeaseLost,
    LoadSwept,
    SchemaMismatch,
    StagedFileChanged,
    Superseded,
    ValueOutOfRange,
)
from loader_svc.core.loads import Batch, LoadedTable, LoadOrder, Mode, OrderTable


def lease_lost(order: LoadOrder, *, ended: bool) -> LeaseLost:
    """Say that somebody else has the load, or ended it."""
    facts = {"load_id": str(order.load_id)}
    if ended:
        return LoadSwept(
            f"load {order.load_id} was ended in the warehouse by another loader",
            hint="let one loader alone use a warehouse, then retry the load",
            metadata=facts,
        )
    return LeaseLost(f"load {order.load_id} was taken over by another loader", metadata=facts)


def refuse_other_count(batch: Batch, rows: int) -> None:
    """Refuse a file whose rows are not those that its event told of."""
    if rows != batch.rows:
        raise StagedFileChanged(
            f"the file of batch {batch.index} of table {batch.table!r} has {rows} rows, not {batch.rows}",
            metadata={"uri": batch.uri},
        )


def refuse_other_names(table: Table, found: list[str]) -> None:
    """Refuse a file whose columns are not those that the run pinned."""
    names = [column.name for column in table.columns]
    if sorted(found) != sorted(names):
        raise SchemaMismatch(
            f"a staged file of table {table.name!r} has columns {', '.join(found)}; the run pinned {', '.join(names)}",
            hint="files of another run may have been copied over it; generate again",
            metadata={"table": table.name},
        )


def refuse_if_superseded(order: LoadOrder, newer: Mapping[str, int]) -> None:
    """Refuse a load where a newer one wrote one of its tables."""
    for name, load_id in newer.items():
        raise Superseded(
            f"table {name!r} has the rows of load {load_id}, which is newer than load {order.load_id}",
            hint="start a new load if these rows are the ones to keep",
            metadata={"table": name, "load_id": str(load_id)},
        )


def refuse_if_incomplete(order: LoadOrder, staged: Mapping[str, int]) -> None:
    """Check what is staged against what the run made."""
    for item in order.tables:
        if staged.get(item.table.name, 0) != item.rows:
            raise StagedFileChanged(
                f"table {item.table.name!r} has {staged.get(item.table.name, 0)} staged rows of {item.rows}",
                metadata={"table": item.table.name},
            )


def without_rejects(order: LoadOrder, rejected: Mapping[str, int]) -> LoadOrder:
    """An order whose tables bring the rows that were not rejected."""
    tables = (replace(item, rows=item.rows - rejected.get(item.table.name, 0)) for item in order.tables)
    return replace(order, tables=tuple(tables))


def deleted_rows(order: LoadOrder, before: Mapping[str, LoadedTable]) -> dict[str, int]:
    """Rows that a load replaces, by table."""
    names = [item.table.name for item in order.tables] if order.mode is Mode.OVERWRITE else []
    return {name: before[name].rows for name in names if name in before}


@contextmanager
def naming_table(item: OrderTable) -> Iterator[None]:
    """Say which table an error is about."""
    try:
        yield
    except (ConstraintViolated, ValueOutOfRange) as fault:
        fault.message = f"table {item.table.name!r}: {fault.message}"
        fault.metadata["table"] = item.table.name
        raise
