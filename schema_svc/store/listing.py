"""Lists of experiments and of revisions. A page is a range of keys: the last page costs what the first one does."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from schema_svc.core.record import RevisionSummary, Summary
from schema_svc.core.vocabulary import Dialect, State, WarehouseKind
from schema_svc.store.tables import experiments, named, revisions


@dataclass(frozen=True)
class Filters:
    """Which experiments a list is about; what is at its default lets all pass."""

    search: str = ""
    state: State = State.STATE_UNSPECIFIED
    target_warehouse: WarehouseKind = WarehouseKind.KIND_UNSPECIFIED

    def __str__(self) -> str:
        return json.dumps([self.search.casefold(), self.state, self.target_warehouse])


class Listing:
    """Pages, newest first."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def page(self, size: int, before: int | None, filters: Filters = Filters()) -> list[Summary]:
        """At most `size` experiments older than position `before`."""
        query = sa.select(experiments).order_by(experiments.c.position.desc()).limit(size)
        if before is not None:
            query = query.where(experiments.c.position < before)
        if filters.search:
            query = query.where(experiments.c.name_folded.contains(filters.search.casefold(), autoescape=True))
        if filters.state is not State.STATE_UNSPECIFIED:
            query = query.where(experiments.c.state == filters.state.value)
        if filters.target_warehouse is not WarehouseKind.KIND_UNSPECIFIED:
            query = query.where(experiments.c.target_warehouse == filters.target_warehouse.value)
        with self._engine.begin() as connection:
            return [_summary(row) for row in connection.execute(query)]

    def summary(self, name: str) -> Summary:
        """An experiment without its columns, by its name or id."""
        with self._engine.begin() as connection:
            return _summary(named(connection, name))

    def revisions(self, experiment_id: str, size: int, before: int | None) -> list[RevisionSummary]:
        """At most `size` revisions older than number `before`."""
        columns = [column for column in revisions.c if column.name not in {"document", "message"}]
        query = sa.select(*columns).where(revisions.c.experiment_id == experiment_id)
        if before is not None:
            query = query.where(revisions.c.revision < before)
        query = query.order_by(revisions.c.revision.desc()).limit(size)
        with self._engine.begin() as connection:
            return [_revision(row) for row in connection.execute(query)]


def _summary(row: Any) -> Summary:
    return Summary(
        position=row.position,
        id=row.id,
        name=row.name,
        description=row.description,
        revision=row.revision,
        etag=row.etag,
        dialect=Dialect(row.dialect),
        target_warehouse=WarehouseKind(row.target_warehouse),
        table_count=row.table_count,
        column_count=row.column_count,
        target_rows=row.target_rows,
        warnings=json.loads(row.warnings),
        warning_count=row.warning_count,
        state=State(row.state),
        deleting_reason=row.deletion_reason,
        create_time=row.create_time,
        update_time=row.update_time,
    )


def _revision(row: Any) -> RevisionSummary:
    return RevisionSummary(
        revision=row.revision,
        etag=row.etag,
        create_time=row.create_time,
        table_count=row.table_count,
        column_count=row.column_count,
        target_rows=row.target_rows,
        summary=row.summary,
        change_count=row.change_count,
    )
