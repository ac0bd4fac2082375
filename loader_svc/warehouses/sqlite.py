"""SQLite, one file per experiment: loads staged and applied by ADBC.

Exactly once: a batch's rows and its ledger row commit in one transaction, fenced by the load's epoch. Apply: one
transaction makes every staging table the target (or appends it), writes the catalog and marks the load APPLIED.
"""

import contextlib
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from dwsim_wire import failpoint
from dwsim_wire.fault import Fault
from loader_svc.core import naming
from loader_svc.core.applying import (
    deleted_rows,
    lease_lost,
    naming_table,
    refuse_if_incomplete,
    refuse_if_superseded,
    refuse_other_count,
    without_rejects,
)
from loader_svc.core.drift import meet
from loader_svc.core.duplicates import Key, KeyDuplicates
from loader_svc.core.faults import AbortedByUser, DiskFull, LeaseLost, WarehouseUnavailable
from loader_svc.core.lineage import brings_rows
from loader_svc.core.loads import Applied, Batch, LoadedTable, LoadOrder, Mode, OrderTable, WarehouseStatus
from loader_svc.core.rejects import DATA_FAULTS
from loader_svc.warehouses import sqlite_catalog as catalog
from loader_svc.warehouses import sqlite_tables as tables
from loader_svc.warehouses.sqlite_session import Session, UnexpectedError
from loader_svc.warehouses.sqlite_types import storable
from loader_svc.warehouses.writer import Stop


class SqliteWriter:
    """All SQLite files of one warehouse directory; namespaces are file names relative to it."""

    kind = "SQLITE"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def namespace(self, experiment: str, experiment_id: str) -> str:
        """File of an experiment."""
        return f"sqlite/{naming.namespace(experiment, experiment_id)}.db"

    def status(self) -> WarehouseStatus:
        """Try the directory and the library."""
        version, problem = "", ""
        try:
            (self._directory / "sqlite").mkdir(parents=True, exist_ok=True)
            with contextlib.closing(Session(Path(":memory:"))) as session:
                version = session.run("SELECT sqlite_version()")[0][0]
        except OSError as error:
            problem = f"the warehouse directory cannot be used: {error.strerror}"
        return WarehouseStatus(self.kind, version, not problem, problem, stand_in=True, can_enforce=True)

    def claim(self, order: LoadOrder) -> "SqliteStaging":
        """Open the experiment's file and take the load over."""
        path = self._directory / order.namespace
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseUnavailable(f"the warehouse directory cannot be used: {error.strerror}") from error
        return SqliteStaging(Session(path), order)

    def namespaces(self) -> list[str]:
        """Files that are there."""
        return sorted(str(path.relative_to(self._directory)) for path in self._directory.glob("sqlite/*.db"))

    def sweep(self, namespace: str, loader_id: str, active: Collection[str]) -> int:
        """Discard loads that nobody will go on with, and raise their epochs."""
        with contextlib.closing(Session(self._directory / namespace)) as session:
            catalog.create_system_tables(session)
            orphans = [uid for uid in catalog.sweepable(session, loader_id) if uid not in active]
            for uid in orphans:
                with session.transaction():
                    catalog.give_up(session, uid)
                    tables.drop_staging(session, uid)
            return len(orphans)

    def drop(self, namespace: str) -> int:
        """Delete the file, readable or not, then its log: whoever opens it from now on finds nothing."""
        path = self._directory / namespace
        count = 0
        if path.exists():
            with contextlib.suppress(Fault, UnexpectedError), contextlib.closing(Session(path)) as session:
                count = len(catalog.read_catalog(session))
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        return count


class SqliteStaging:
    """A claimed load in one file, which has one writer."""

    hands = 1

    def __init__(self, session: Session, order: LoadOrder) -> None:
        self._session, self._order = session, order
        self._items = {item.table.name: (place, item) for place, item in enumerate(order.tables)}
        try:
            catalog.create_system_tables(session)
            with session.transaction():
                self._epoch, self.applied = catalog.take_over(session, order)
                if self.applied is None:
                    self._widen()
                    self._each(tables.create_staging)
        except BaseException:
            session.close()
            raise

    def staged(self) -> set[tuple[str, int]]:
        """Read the ledger."""
        sql = "SELECT table_name, batch_index FROM _dwsim_ledger WHERE uid = ?"
        return {(name, int(index)) for name, index in self._session.run(sql, (self._order.uid,))}

    def stage(self, batch: Batch, rows: pa.Table, rejected: int = 0) -> None:
        """Commit rows and ledger row together, or find that they are there."""
        place, item = self._items[batch.table]
        refuse_other_count(batch, rows.num_rows + rejected)
        with naming_table(item):
            stored = storable(rows, item.table)
        with naming_table(item), self._session.transaction():
            self._fence("STAGING")
            if not self._enter(batch, rejected):
                return
            tables.fill_staging(self._session, naming.staging_table(self._order.uid, place), item.table, stored)
            failpoint.reach("loader.mid_stage")
        failpoint.reach("loader.after_stage")

    def refusal(self, batch: Batch, rows: pa.Table) -> Fault | None:
        """Stage rows in a transaction that is rolled back."""
        place, item = self._items[batch.table]
        try:
            with naming_table(item):
                stored = storable(rows, item.table)
                with self._session.trial():
                    self._fence("STAGING")
                    tables.fill_staging(self._session, naming.staging_table(self._order.uid, place), item.table, stored)
        except DATA_FAULTS as fault:
            return fault
        return None

    def duplicates(self, distinct: Collection[Key], stop: Stop) -> dict[str, tuple[KeyDuplicates, ...]]:
        """Ask for each key; its index is there."""
        return {
            item.table.name: tables.duplicates(
                self._session, naming.staging_table(self._order.uid, place), item.table, distinct, stop
            )
            for place, item in self._items.values()
        }

    def prepare(self, stop: Stop) -> None:
        """Build the indexes of keys on the staging tables, each in its own transaction."""
        for place, item in self._items.values():
            for sql in tables.key_indexes(self._order, place, item.table):
                if stop():
                    raise AbortedByUser("the load was asked to stop")
                with naming_table(item), self._session.transaction():
                    self._fence("STAGING")
                    self._session.run(sql)

    def apply(self, stop: Stop) -> Applied:
        """Make the staged tables the target; do nothing where this claim has done it."""
        if self.applied is not None:
            return self.applied
        failpoint.reach("loader.before_apply")
        with self._session.transaction():
            self._fence("APPLIED")
            refuse_if_superseded(self._order, catalog.newer_loads(self._session, self._order))
            order = without_rejects(self._order, catalog.rejected_rows(self._session, self._order.uid))
            refuse_if_incomplete(order, catalog.staged_rows(self._session, self._order.uid))
            before = {found.table.name: found for found in catalog.read_catalog(self._session)}
            inserted = {}
            for place, item in enumerate(order.tables):
                inserted[item.table.name] = self._bring(place, item, before.get(item.table.name), stop)
                failpoint.reach("loader.mid_apply")
            if self._order.enforced:
                tables.check_foreign_keys(self._session, self._order)
            applied = self._describe(before, inserted)
            if stop():
                raise AbortedByUser("the load was asked to stop")
        self.applied = applied
        failpoint.reach("loader.after_apply")
        with contextlib.suppress(WarehouseUnavailable, DiskFull):  # the rows are there; statistics are a courtesy
            tables.analyze(self._session)
        return applied

    def discard(self) -> None:
        """Drop staging tables and ledger rows; nothing to do where another loader has the load."""
        with contextlib.suppress(LeaseLost), self._session.transaction():
            self._fence("ENDED")
            tables.drop_staging(self._session, self._order.uid)

    def close(self) -> None:
        """Close the file."""
        self._session.close()

    def _widen(self) -> None:
        """Let rows that were rejected meet the columns as they are in the target now."""
        if self._order.replays:
            self._order = tables.widened(self._session, self._order)
            self._items = {item.table.name: (place, item) for place, item in enumerate(self._order.tables)}

    def _each(self, do: Callable[[Session, LoadOrder, int, OrderTable], None]) -> None:
        for place, item in self._items.values():
            do(self._session, self._order, place, item)

    def _fence(self, state: str) -> None:
        """Go on only while the epoch is the one of this claim."""
        if not self._session.run(catalog.FENCE, (state, self._order.uid, self._epoch)):
            raise lease_lost(self._order, ended=catalog.is_ended(self._session, self._order.uid))

    def _enter(self, batch: Batch, rejected: int) -> bool:
        """Write the ledger row; False if it is there."""
        return bool(
            self._session.run(
                "INSERT INTO _dwsim_ledger (uid, table_name, batch_index, rows, rejected) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                (self._order.uid, batch.table, batch.index, batch.rows - rejected, rejected),
            )
        )

    def _bring(self, place: int, item: OrderTable, known: LoadedTable | None, stop: Stop) -> int:
        """Bring one staged table into the target, and its description into the catalog; answer its new rows."""
        staging, order = naming.staging_table(self._order.uid, place), self._order
        if order.mode is not Mode.APPEND:
            tables.swap(self._session, staging, item.target)
            catalog.write_catalog(self._session, order, item, item.rows, [order.run])
            return item.rows
        runs = known.runs if known else ()
        if not brings_rows(order.run, item.table.name, item.base_runs, runs):
            self._session.run(f"DROP TABLE {naming.quoted(staging)}")
            return 0
        if not known:
            tables.swap(self._session, staging, item.target)
            catalog.write_catalog(self._session, order, item, item.rows, [*runs, order.run])
            return item.rows
        meeting = meet(item.table, known.table, order.drift, widened=order.replays)
        tables.append(self._session, staging, known.target, meeting, stop)
        written = replace(item, table=meeting.table)
        catalog.write_catalog(self._session, order, written, item.rows + known.rows, [*runs, order.run])
        return item.rows

    def _describe(self, before: dict[str, LoadedTable], inserted: dict[str, int]) -> Applied:
        """Say what the load does, in the target too: its loader may die before it has written it down."""
        deleted = deleted_rows(self._order, before)
        self._session.run("DELETE FROM _dwsim_ledger WHERE uid = ?", (self._order.uid,))
        catalog.keep_result(self._session, self._order.uid, inserted, deleted)
        return Applied(self._order.namespace, inserted, deleted, catalog.read_catalog(self._session))
