"""Redshift itself: one schema per experiment, loads staged by COPY from S3.

Exactly once: the rows of a group of files and their ledger rows commit in one transaction that ends with a fence: an
update of the load's row by its epoch. Who took the load over meanwhile changed that row, so that the update finds none,
or fails as a serializable isolation violation. Apply: one transaction appends, swaps by rename, writes the catalog and
marks the load APPLIED; it begins with the locks of the loader's tables, so that it sees what others committed.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
from pydantic import SecretStr

from dwsim_wire import failpoint
from dwsim_wire.fault import Fault
from loader_svc.core import naming
from loader_svc.core.applying import (
    deleted_rows,
    lease_lost,
    naming_table,
    refuse_if_incomplete,
    refuse_if_superseded,
)
from loader_svc.core.drift import meet
from loader_svc.core.faults import (
    AbortedByUser,
    DiskFull,
    KeysNotEnforceable,
    LeaseLost,
    StagedFileChanged,
    WarehouseBusy,
    WarehouseUnavailable,
)
from loader_svc.core.loads import Applied, Batch, LoadedTable, LoadOrder, OrderTable, WarehouseStatus
from loader_svc.core.naming import quoted
from loader_svc.warehouses import postgres_catalog, redshift_copy
from loader_svc.warehouses import redshift_catalog as catalog
from loader_svc.warehouses import redshift_keys as keys
from loader_svc.warehouses import redshift_tables as tables
from loader_svc.warehouses.postgres import Plan
from loader_svc.warehouses.postgres_faults import KIND
from loader_svc.warehouses.postgres_names import identifier, with_targets
from loader_svc.warehouses.redshift_copy import CopyAccess
from loader_svc.warehouses.redshift_errors import CopyFailed, explained
from loader_svc.warehouses.redshift_places import leave, places, settle
from loader_svc.warehouses.redshift_session import Session
from loader_svc.warehouses.writer import Stop

FILES_AT_ONCE = 64
"""A multiple of the slices of common clusters: each slice reads its own files."""


class RedshiftWriter:
    """One database of a cluster or workgroup; every namespace has a schema."""

    kind = KIND

    def __init__(self, url: SecretStr, access: CopyAccess) -> None:
        self._url, self._access = url, access

    def namespace(self, experiment: str, experiment_id: str) -> str:
        """What the schema of an experiment is marked with."""
        return naming.namespace(experiment, experiment_id)

    def status(self) -> WarehouseStatus:
        """Ask the warehouse who it is."""
        version, problem = "", ""
        try:
            with contextlib.closing(self._session()) as session:
                version = str(session.run("SELECT version()")[0][0])
        except Fault as fault:
            problem = fault.message
        shown = version[version.find(NAME) :] if NAME in version else version
        return WarehouseStatus(self.kind, shown, not problem, problem, stand_in=False, can_enforce=False)

    def claim(self, order: LoadOrder) -> "RedshiftStaging":
        """Take the load over in its schema, which is made where it is missing."""
        if order.enforced:
            raise KeysNotEnforceable(
                f"experiment {order.experiment!r} asks for enforced constraints, and Redshift enforces none",
                hint="use constraints: informational",
                metadata={"warehouse": self.kind},
            )
        return RedshiftStaging(self._session(), order, self._access)

    def namespaces(self) -> list[str]:
        """Namespaces that have a schema."""
        with contextlib.closing(self._session()) as session:
            return list(places(session))

    def sweep(self, namespace: str, loader_id: str, active: Collection[str]) -> int:
        """Discard loads that nobody will go on with, and raise their epochs."""
        with contextlib.closing(self._session()) as session:
            schema = places(session).get(namespace)
            if schema is None:
                return 0
            session.enter(schema)
            orphans = [uid for uid in catalog.sweepable(session, loader_id) if uid not in active]
            for uid in orphans:
                with session.locked(catalog.LOADS):
                    postgres_catalog.give_up(session, uid)
                    tables.drop_staging(session, uid)
                    postgres_catalog.clear_ledger(session, uid)
            return len(orphans)

    def drop(self, namespace: str) -> int:
        """Drop the tables with all that depends on them, and the schema where nobody put anything else into it."""
        with contextlib.closing(self._session()) as session:
            schema = places(session).get(namespace)
            if schema is None:
                return 0
            session.enter(schema)
            with session.transaction():
                loaded = [found.target for found in catalog.read_catalog(session)]
                tables.drop_all(session, loaded)
            leave(session)
            return len(loaded)

    def _session(self) -> Session:
        return Session(self._url.get_secret_value(), self._access.secrets)


NAME = "Redshift"
"""What the version of Redshift has in it, and that of PostgreSQL has not."""


class RedshiftStaging:
    """A claimed load in one schema."""

    files_least = files_most = FILES_AT_ONCE
    hands = 1

    def __init__(self, session: Session, order: LoadOrder, access: CopyAccess) -> None:
        self._session, self._access = session, access
        self._order = replace(order, tables=tuple(replace(i, table=with_targets(i.table)) for i in order.tables))
        self._items = dict(enumerate(self._order.tables))
        self._places = {item.table.name: place for place, item in self._items.items()}
        try:
            settle(session, order)
            with session.locked(catalog.LOADS):
                self._epoch, self.applied = catalog.take_over(session, order)
                if self.applied is None:
                    for place, item in self._items.items():
                        tables.create_staging(session, self._order, place, item)
        except BaseException:
            session.close()
            raise

    def staged(self) -> set[tuple[str, int]]:
        """Read the ledger."""
        return postgres_catalog.staged_batches(self._session, self._order.uid)

    def stage(self, batch: Batch, rows: pa.Table) -> None:
        """Stage the batch's file, which Redshift reads itself: `rows` are those of the file."""
        del rows
        self.stage_files([batch], lambda: False)

    def stage_files(self, batches: Sequence[Batch], stop: Stop) -> None:
        """Copy files that are not staged yet; a COPY that fails for good is explained by what Redshift noted."""
        redshift_copy.check_files(batches)
        known = self._check()  # outside of the transaction: it must not lock the loads for as long as a COPY takes
        fresh = [batch for batch in batches if (batch.table, batch.index) not in known]
        if not fresh:
            return
        try:
            with self._session.transaction():
                self._copy(fresh, stop)
                failpoint.reach("loader.mid_stage")
                catalog.enter(self._session, self._order.uid, fresh)
                self._fence("STAGING")
        except CopyFailed as failed:
            raise explained(self._session, failed, batches) from None
        failpoint.reach("loader.after_stage")

    def prepare(self, stop: Stop) -> None:
        """Parse what was copied as text; each table in its own transaction."""
        for place, item in self._items.items():
            if not tables.has_parsed(item.table):
                continue
            if stop():
                raise AbortedByUser("the load was asked to stop")
            self._check()
            with naming_table(item), self._session.transaction():
                tables.parse_copied(self._session, self._order, place, item.table, stop)
                self._fence("STAGING")

    def apply(self, stop: Stop) -> Applied:
        """Make the staged tables the target, unless an apply whose answer was lost did it."""
        self.applied = catalog.applied(self._session, self._order.uid, self._epoch)
        if self.applied is not None:
            return self.applied
        failpoint.reach("loader.before_apply")
        with self._session.locked(catalog.LOADS, catalog.CATALOG):
            self._fence("APPLIED")
            refuse_if_superseded(self._order, postgres_catalog.newer_loads(self._session, self._order))
            refuse_if_incomplete(self._order, postgres_catalog.staged_rows(self._session, self._order.uid))
            before = {found.table.name: found for found in catalog.read_catalog(self._session)}
            plan = Plan.of(self._order, before)
            self._append(plan, stop)
            self._replace(plan)
            applied = self._describe(before, plan)
            if stop():
                raise AbortedByUser("the load was asked to stop")
        self.applied = applied
        failpoint.reach("loader.after_apply")
        self._analyze(plan)
        return applied

    def discard(self) -> None:
        """Drop staging tables and ledger rows; nothing to do where another loader has the load."""
        with contextlib.suppress(LeaseLost), self._session.locked(catalog.LOADS):
            self._fence("ENDED")
            tables.drop_staging(self._session, self._order.uid)
            postgres_catalog.clear_ledger(self._session, self._order.uid)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _check(self) -> set[tuple[str, int]]:
        """Go on only with the load in hand; answer what its ledger has."""
        if not self._session.run(catalog.HOLDS, (self._order.uid, self._epoch)):
            raise self._lost()
        return self.staged()

    def _fence(self, state: str) -> None:
        """Go on only while the epoch is the one of this claim."""
        if not self._session.change(catalog.FENCE, (state, self._order.uid, self._epoch)):
            raise self._lost()

    def _lost(self) -> LeaseLost:
        return lease_lost(self._order, ended=postgres_catalog.is_ended(self._session, self._order.uid))

    def _copy(self, batches: Sequence[Batch], stop: Stop) -> None:
        """Copy the rows of files, and count them."""
        table, uid = batches[0].table, self._order.uid
        place = self._places[table]
        into = tables.copied_into(uid, place, self._items[place].table)
        name = f"{uid}_{self._epoch}_{place}_{batches[0].index}"
        with redshift_copy.manifest(batches, name) as uri:
            try:
                self._session.run_until(redshift_copy.copy_sql(self._session.schema, into, uri, self._access), stop)
            except (AbortedByUser, WarehouseBusy):
                raise
            except Fault as fault:
                raise CopyFailed(fault) from None
        [(found,)] = self._session.run("SELECT pg_last_copy_count()")
        wanted = sum(batch.rows for batch in batches)
        if int(found) != wanted:
            raise StagedFileChanged(
                f"the files of batches {batches[0].index} to {batches[-1].index} of table {table!r}"
                f" have {found} rows, not {wanted}",
                hint="generate the run again",
                metadata={"table": table, "uri": batches[0].uri},
            )

    def _append(self, plan: Plan, stop: Stop) -> None:
        """Add staged rows to targets that are there, and drop what the target has already."""
        for place in plan.skipped:
            self._session.run(f"DROP TABLE {quoted(naming.staging_table(self._order.uid, place))}")
        for place, (item, known) in plan.appending.items():
            meeting = meet(item.table, known.table, self._order.drift, widened=self._order.replays)
            with naming_table(item):
                staging = naming.staging_table(self._order.uid, place)
                tables.append(self._session, self._order, staging, known.target, meeting, stop)
            written = replace(item, table=meeting.table)
            self._write_catalog(written, item.rows + known.rows, (*known.runs, self._order.run))
            failpoint.reach("loader.mid_apply")

    def _replace(self, plan: Plan) -> None:
        """Put staged tables in the place of their targets: readers wait for the end of the transaction from here."""
        with self._session.impatient():
            keys.release_references(self._session, {identifier(item.target) for item in plan.replacing.values()})
            tables.swap(self._session, self._order, plan.replacing)
            for item in plan.replacing.values():
                self._write_catalog(item, item.rows, (self._order.run,))
                failpoint.reach("loader.mid_apply")
            keys.declare_references(self._session, self._order)

    def _write_catalog(self, item: OrderTable, rows: int, runs: tuple[str, ...]) -> None:
        entry = postgres_catalog.Entry(item.table, identifier(item.target), rows, runs)
        catalog.write_catalog(self._session, self._order, entry)

    def _describe(self, before: Mapping[str, LoadedTable], plan: Plan) -> Applied:
        """Say what the load does, in the target too: its loader may die before it has written it down."""
        skipped = {item.table.name for item in plan.skipped.values()}
        inserted = {i.table.name: 0 if i.table.name in skipped else i.rows for i in self._order.tables}
        deleted = deleted_rows(self._order, before)
        postgres_catalog.clear_ledger(self._session, self._order.uid)
        catalog.keep_result(self._session, self._order.uid, inserted, deleted)
        return Applied(self._session.schema, inserted, deleted, catalog.read_catalog(self._session))

    def _analyze(self, plan: Plan) -> None:
        """Count the tables for the planner: the rows are there, statistics are a courtesy."""
        changed = [*plan.replacing.values(), *(item for item, _ in plan.appending.values())]
        with contextlib.suppress(WarehouseUnavailable, DiskFull):
            for item in changed:
                self._session.run(f"ANALYZE {quoted(identifier(item.target))}")
