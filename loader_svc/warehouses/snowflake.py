"""Snowflake, or an emulator of it: one schema per experiment, loads staged by PUT and COPY INTO.

Exactly once: COPY of a group of files, which are alone in their folder of the stage, and their ledger rows commit in
one transaction that ends with a fence: an update of the load's row by its epoch. Apply:
one transaction overwrites every target (or appends to it), writes the catalog and marks the load APPLIED. DDL commits
by itself in Snowflake, so there is none between BEGIN and COMMIT: tables that are new, or whose columns change, are
complete under a name of ours by then and get theirs after the commit, which notes what is left to do; whoever comes
next does it. Keys are not enforced by Snowflake; `constraints: enforced` checks them.
"""

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from weakref import WeakValueDictionary

import pyarrow as pa
from pydantic import SecretStr

from dwsim_wire import failpoint
from dwsim_wire.fault import Fault
from dwsim_wire.object_store import never
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
from loader_svc.core.document import Table
from loader_svc.core.duplicates import Key, KeyDuplicates
from loader_svc.core.faults import AbortedByUser, LeaseLost, WarehouseBusy
from loader_svc.core.loads import Applied, Batch, LoadedTable, LoadOrder, Mode, OrderTable, WarehouseStatus
from loader_svc.core.naming import quoted
from loader_svc.core.rejects import DATA_FAULTS
from loader_svc.warehouses import snowflake_catalog as catalog
from loader_svc.warehouses import snowflake_external as external
from loader_svc.warehouses import snowflake_keys as keys
from loader_svc.warehouses import snowflake_tables as tables
from loader_svc.warehouses.snowflake_faults import KIND
from loader_svc.warehouses.snowflake_files import Rows, Upload
from loader_svc.warehouses.snowflake_names import prefix, staging_table, with_targets
from loader_svc.warehouses.snowflake_places import forget, places, settle
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_uploads import Uploads
from loader_svc.warehouses.snowflake_url import Account
from loader_svc.warehouses.writer import Stop

OURS = "_DWSIM_"
FIRST_FILES, FILES_A_COPY, FILES_MOST = 4, 16, 64
"""The fewer files the first COPY has, the earlier it begins."""


class SnowflakeWriter:
    """One database; every namespace has a schema."""

    kind = KIND

    def __init__(self, url: SecretStr, integration: str = "") -> None:
        self._account = Account.parse(url.get_secret_value())
        self._integration = "" if self._account.stand_in else integration
        self._claimed: WeakValueDictionary[str, Session] = WeakValueDictionary()

    def namespace(self, experiment: str, experiment_id: str) -> str:
        """What the schema of an experiment is noted with."""
        return naming.namespace(experiment, experiment_id)

    def status(self) -> WarehouseStatus:
        """Ask the server who it is."""
        version, problem = "", ""
        try:
            with contextlib.closing(Session(self._account)) as session:
                version = f"Snowflake {session.run('SELECT CURRENT_VERSION()')[0][0]}"
        except Fault as fault:
            problem = fault.message
        stand_in = self._account.stand_in
        return WarehouseStatus(self.kind, version, not problem, problem, stand_in=stand_in, can_enforce=True)

    def claim(self, order: LoadOrder) -> "SnowflakeStaging":
        """Take the load over in its schema, which is made where it is missing."""
        session = self._claimed[order.uid] = Session(self._account)
        return SnowflakeStaging(session, order, self._integration)

    def interrupt(self, uid: str) -> None:
        """End the session of a load of this process by another one: the server rolls its transaction back."""
        if session := self._claimed.get(uid):
            session.interrupt()

    def namespaces(self) -> list[str]:
        """Namespaces that have a schema."""
        with contextlib.closing(Session(self._account)) as session:
            return list(places(session))

    def sweep(self, namespace: str, loader_id: str, active: Collection[str]) -> int:
        """Discard loads that nobody will go on with, raise their epochs, and finish what applied ones left."""
        with contextlib.closing(Session(self._account)) as session:
            schema = places(session).get(namespace)
            if schema is None:
                return 0
            session.enter(schema)
            finish(session)
            orphans = [uid for uid in catalog.sweepable(session, loader_id) if uid not in active]
            for uid in orphans:
                catalog.end_session(session, uid)
                with session.transaction():
                    catalog.give_up(session, uid)
                    catalog.clear_ledger(session, uid)
                tables.drop_staging(session, uid)
            self._drop_strays(session)
            return len(orphans)

    def drop(self, namespace: str) -> int:
        """Drop the tables, and the schema where nobody put anything else into it."""
        with contextlib.closing(Session(self._account)) as session:
            schema = places(session).get(namespace)
            if schema is None:
                return 0
            session.enter(schema)
            loaded = [found.target for found in catalog.read_catalog(session)]
            for name in (*loaded, *sorted(tables.names(session, OURS))):
                session.run(f"DROP TABLE IF EXISTS {quoted(name)}")
            if not tables.names(session):
                session.run(f"DROP SCHEMA IF EXISTS {quoted(schema)}")
            forget(session, namespace)
            return len(loaded)

    def _drop_strays(self, session: Session) -> None:
        """Drop staging tables that a loader made after its load was ended."""
        own = {"_DWSIM_LOAD", "_DWSIM_LEDGER", "_DWSIM_CATALOG"}
        kept = tuple(prefix(uid) for uid in catalog.staging_uids(session))
        for name in sorted(tables.names(session, OURS) - own):
            if not name.startswith(kept):
                session.run(f"DROP TABLE IF EXISTS {quoted(name)}")


class SnowflakeStaging:
    """A claimed load in one schema."""

    files_least, files_most = FILES_A_COPY, FILES_MOST
    hands = 1

    def __init__(self, session: Session, order: LoadOrder, integration: str = "") -> None:
        self._session, self._integration = session, integration
        self._order = replace(order, tables=tuple(replace(i, table=with_targets(i.table)) for i in order.tables))
        self.applied: Applied | None = None
        try:
            settle(session, order)
            self._uploads = Uploads(session, order.uid, reopened=self._check_fence)
            if order.replays:
                self._order = tables.widened(session, self._order)
            self._items = {item.table.name: (place, item) for place, item in enumerate(self._order.tables)}
            self._epoch, is_applied = catalog.take_over(session, order)
            finish(session)
            if is_applied:
                self.applied = self._found()
                tables.drop_staging(session, order.uid)
            else:
                for place, item in self._items.values():
                    tables.create_staging(session, self._order, place, item)
        except BaseException:
            session.close()
            raise

    def staged(self) -> set[tuple[str, int]]:
        """Read the ledger."""
        return catalog.staged_batches(self._session, self._order.uid)

    def stage(self, batch: Batch, rows: pa.Table, rejected: int = 0) -> None:
        """Upload the rows, then commit them with the ledger row; or find that they are there."""
        place, item = self._items[batch.table]
        refuse_other_count(batch, rows.num_rows + rejected)
        if (batch.table, batch.index) in self.staged():
            return
        with naming_table(item):
            if tables.has_checks(self._order, item):
                self._try(place, item, rows)
            with self._uploads.known():
                folder = self._uploads.put(place, [Rows(rows, item.table)], never)
                self._commit_rows(place, folder, [batch], never, rejected)
        failpoint.reach("loader.after_stage")

    def stage_files(self, batches: Sequence[Batch], stop: Stop) -> None:
        """Upload files that are not staged yet, and commit their rows with their ledger rows."""
        place, item = self._items[batches[0].table]
        known = self.staged()
        fresh = [batch for batch in batches if (batch.table, batch.index) not in known]
        if not fresh:
            return
        with naming_table(item):
            if self._integration and external.is_readable(fresh, item.table):
                self._commit_in_place(place, fresh, stop)
                failpoint.reach("loader.after_stage")
            else:
                self._commit_groups(place, item.table, fresh, stop)

    def refusal(self, batch: Batch, rows: pa.Table) -> Fault | None:
        """Copy the rows into a table of their own."""
        place, item = self._items[batch.table]
        try:
            with naming_table(item):
                self._try(place, item, rows)
        except DATA_FAULTS as fault:
            return fault
        return None

    def duplicates(self, distinct: Collection[Key], stop: Stop) -> dict[str, tuple[KeyDuplicates, ...]]:
        """Ask for each key."""
        return {
            item.table.name: tables.duplicates(
                self._session, staging_table(self._order.uid, place), item.table, distinct, stop
            )
            for place, item in self._items.values()
        }

    def prepare(self, stop: Stop) -> None:
        """Check what the transaction would fail at."""
        self._check_fence()
        for place, item in self._items.values():
            if stop():
                raise AbortedByUser("the load was asked to stop")
            with naming_table(item):
                tables.check_documents(self._session, staging_table(self._order.uid, place), item)
                if self._order.enforced:
                    tables.check_keys(self._session, staging_table(self._order.uid, place), item.table)

    def apply(self, stop: Stop) -> Applied:
        """Make the staged tables the target, unless an apply whose answer was lost did it."""
        if (found := self._found()) is None:
            failpoint.reach("loader.before_apply")
            found = self._commit(stop)
        finished = finish(self._session)
        self.applied = found
        failpoint.reach("loader.after_apply")
        if self._order.uid not in finished:
            tables.drop_staging(self._session, self._order.uid)
        return found

    def discard(self) -> None:
        """Drop staging tables and ledger rows; nothing to do where another loader has the load."""
        with contextlib.suppress(LeaseLost):
            with self._session.transaction():
                self._fence("ENDED")
                catalog.clear_ledger(self._session, self._order.uid)
            tables.drop_staging(self._session, self._order.uid)

    def close(self) -> None:
        """End both sessions."""
        self._session.close()
        self._uploads.close()

    def _commit_groups(self, place: int, table: Table, batches: Sequence[Batch], stop: Stop) -> None:
        """Commit groups of files, one after the other; while one is copied, the next is uploaded."""
        ends = [FIRST_FILES, *range(FIRST_FILES + FILES_A_COPY, len(batches), FILES_A_COPY), len(batches)]
        groups = [batches[first:end] for first, end in pairwise([0, *ends]) if first < len(batches)]
        any_encoding = self._session.stand_in
        files = [[Upload(batch, table, any_encoding, stop) for batch in group] for group in groups]
        with self._uploads.known(), contextlib.closing(self._uploads.in_turn(place, files, stop)) as folders:
            for group, folder in zip(groups, folders, strict=True):
                self._commit_rows(place, folder, group, stop)
                failpoint.reach("loader.after_stage")

    def _commit_rows(self, place: int, folder: str, batches: Sequence[Batch], stop: Stop, rejected: int = 0) -> None:
        """Copy the files of a folder and write their ledger rows in one transaction."""
        into, counts = staging_table(self._order.uid, place), [batch.rows - rejected for batch in batches]
        with self._session.transaction():
            tables.copy(self._session, into, folder, counts, stop)
            self._enter(batches, rejected)

    def _commit_in_place(self, place: int, batches: Sequence[Batch], stop: Stop) -> None:
        """Copy files from where they lie and write their ledger rows in one transaction."""
        uid = self._order.uid
        external.prepare(self._session, uid, self._integration, batches)
        with self._session.transaction():
            source, rows = external.source(uid, batches), [batch.rows for batch in batches]
            tables.copy_in_place(self._session, staging_table(uid, place), source, rows, stop)
            self._enter(batches)

    def _enter(self, batches: Sequence[Batch], rejected: int = 0) -> None:
        """Write the ledger rows of batches whose rows are in the transaction."""
        failpoint.reach("loader.mid_stage")
        self._fence("STAGING")
        if not self.staged().isdisjoint((batch.table, batch.index) for batch in batches):
            raise WarehouseBusy("batches were staged meanwhile", hint="it is tried again")
        catalog.enter(self._session, self._order.uid, batches, rejected)

    def _try(self, place: int, item: OrderTable, rows: pa.Table) -> None:
        """Refuse rows that could not be staged and applied."""
        with self._uploads.known():
            folder = self._uploads.put(place, [Rows(rows, item.table)], never)
            trial = tables.create_trial(self._session, self._order, place, item)
            tables.copy(self._session, trial, folder, [rows.num_rows])
        tables.check_documents(self._session, trial, item)
        if self._order.enforced:
            tables.check_required(self._session, trial, item.table)

    def _commit(self, stop: Stop) -> Applied:
        """The transaction, with no DDL inside."""
        session = self._session
        self._check_fence()
        order = without_rejects(self._order, catalog.rejected_rows(session, self._order.uid))
        refuse_if_superseded(order, catalog.newer_loads(session, order))
        refuse_if_incomplete(order, catalog.staged_rows(session, order.uid))
        before = catalog.read_catalog(session)
        known = {found.table.name: found for found in before}
        steps = list(tables.plan(order, known))
        tables.make(session, steps)
        with session.transaction():
            session.run(catalog.LOCK)
            self._fence("APPLIED")
            if catalog.read_catalog(session) != before:
                raise WarehouseBusy("another load was applied meanwhile", hint="it is tried again")
            for step in steps:
                if stop():
                    raise AbortedByUser("the load was asked to stop")
                self._bring(step)
            if order.enforced:
                self._check_whole(steps, known)
            applied = self._describe(steps, known)
            if stop():
                raise AbortedByUser("the load was asked to stop")
        return applied

    def _bring(self, step: tables.Step) -> None:
        """Bring one staged table into its target, and its description into the catalog."""
        if not step.rows_are_in:
            return
        with naming_table(step.item):
            if step.into:
                tables.insert(self._session, step)
        appends = step.known if self._order.mode is Mode.APPEND else None
        rows, runs = (appends.rows, appends.runs) if appends else (0, ())
        catalog.write_catalog(self._session, self._order, step.item, step.item.rows + rows, [*runs, self._order.run])
        failpoint.reach("loader.mid_apply")

    def _check_whole(self, steps: list[tables.Step], known: dict[str, LoadedTable]) -> None:
        """Check keys over rows of before, and references between tables."""
        where = {name: found.target for name, found in known.items()}
        where |= {step.item.table.name: step.rows_are_in for step in steps if step.rows_are_in}
        for step in steps:
            if step.rows_are_in:
                with naming_table(step.item):
                    if self._order.mode is Mode.APPEND:
                        tables.check_keys(self._session, step.rows_are_in, step.item.table)
                tables.check_references(self._session, step.item, where)

    def _describe(self, steps: list[tables.Step], known: dict[str, LoadedTable]) -> Applied:
        """Say what the load does, in the target too: its loader may die before it has written it down."""
        inserted = {step.item.table.name: step.item.rows if step.rows_are_in else 0 for step in steps}
        catalog.clear_ledger(self._session, self._order.uid)
        entries = catalog.read_catalog(self._session)
        applied = Applied(self._session.schema, inserted, deleted_rows(self._order, known), entries)
        arrivals = [step.arrival for step in steps if step.arrival]
        catalog.keep_result(self._session, self._order.uid, applied, arrivals)
        return applied

    def _found(self) -> Applied | None:
        return catalog.applied(self._session, self._order.uid, self._epoch, self._session.schema)

    def _fence(self, state: str) -> None:
        """Go on only while the epoch is the one of this claim."""
        if not catalog.fence(self._session, self._order.uid, self._epoch, state):
            raise lease_lost(self._order, ended=catalog.is_ended(self._session, self._order.uid))

    def _check_fence(self) -> None:
        with self._session.transaction():
            self._fence("STAGING")


def finish(session: Session) -> Collection[str]:
    """Do what applied loads have left to do: their new tables get the names of the targets, and foreign keys.

    Answers the loads of which nothing is left.
    """
    pending = catalog.pending(session)
    for uid, arrivals in pending.items():
        for arrival in arrivals:
            tables.arrive(session, arrival)
        keys.declare_references(session, {arrival.target for arrival in arrivals})
        catalog.settle(session, uid)
        tables.drop_staging(session, uid)
    return pending.keys()
