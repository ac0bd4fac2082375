"""PostgreSQL, standing in for Redshift: one schema per experiment, loads staged by binary COPY.

Exactly once: a batch's rows and its ledger row commit in one transaction, fenced by the load's epoch. Apply: one
transaction renames every staging table into the target's place (or appends it), lets the views read it, writes the
catalog and marks the load APPLIED. A server that dies in between loses nothing that was committed: staging goes on with
a new connection, and an apply whose answer was lost is found in the target.
"""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar, cast

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
    refuse_other_count,
    without_rejects,
)
from loader_svc.core.drift import meet
from loader_svc.core.duplicates import Key, KeyDuplicates
from loader_svc.core.faults import AbortedByUser, DiskFull, LeaseLost, ValueOutOfRange, WarehouseUnavailable
from loader_svc.core.lineage import brings_rows
from loader_svc.core.loads import Applied, Batch, LoadedTable, LoadOrder, Mode, OrderTable, WarehouseStatus
from loader_svc.core.naming import quoted
from loader_svc.core.rejects import DATA_FAULTS
from loader_svc.warehouses import postgres_catalog as catalog
from loader_svc.warehouses import postgres_keys as keys
from loader_svc.warehouses import postgres_tables as tables
from loader_svc.warehouses.postgres_faults import KIND
from loader_svc.warehouses.postgres_names import identifier, with_targets
from loader_svc.warehouses.postgres_places import leave, one_at_a_time, places, settle
from loader_svc.warehouses.postgres_session import Session
from loader_svc.warehouses.postgres_types import sendable
from loader_svc.warehouses.postgres_views import dependent_views, repoint
from loader_svc.warehouses.postgres_widening import widened
from loader_svc.warehouses.writer import Stop

Result = TypeVar("Result")
APPLY_LOCK_SECONDS = 2
"""How long new readers may have to stand in line behind us while we wait for the readers of a table to end."""


class PostgresWriter:
    """One database; every namespace has a schema."""

    kind = KIND

    def __init__(self, url: SecretStr, connections: int = 1) -> None:
        """Stage the batches of a load over so many connections at once."""
        self._url, self._connections = url, connections

    def namespace(self, experiment: str, experiment_id: str) -> str:
        """What the schema of an experiment is marked with."""
        return naming.namespace(experiment, experiment_id)

    def status(self) -> WarehouseStatus:
        """Ask the server who it is."""
        version, problem = "", ""
        try:
            with contextlib.closing(self._session()) as session:
                version = f"PostgreSQL {session.run('SHOW server_version')[0][0]}"
        except Fault as fault:
            problem = fault.message
        return WarehouseStatus(self.kind, version, not problem, problem, stand_in=True, can_enforce=True)

    def claim(self, order: LoadOrder) -> "PostgresStaging":
        """Take the load over in its schema, which is made where it is missing."""
        session = Session(self._url.get_secret_value(), catalog.session_name(order.uid))
        return PostgresStaging(session, order, self._connections)

    def interrupt(self, uid: str) -> None:
        """Cancel by another connection: the driver's own cancel stops all threads while it waits."""
        with contextlib.closing(self._session()) as session:
            catalog.cancel(session, uid)

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
                with session.transaction():
                    catalog.give_up(session, uid)
                    tables.drop_staging(session, uid)
                    catalog.clear_ledger(session, uid)
            return len(orphans)

    def drop(self, namespace: str) -> int:
        """Drop the tables with all that depends on them, and the schema where nobody put anything else into it."""
        with contextlib.closing(self._session()) as session, session.transaction():
            one_at_a_time(session)
            schema = places(session).get(namespace)
            if schema is None:
                return 0
            session.enter(schema)
            loaded = [found.target for found in catalog.read_catalog(session)]
            tables.drop_all(session, loaded)
            leave(session)
            return len(loaded)

    def _session(self) -> Session:
        return Session(self._url.get_secret_value())


class PostgresStaging:
    """A claimed load in one schema."""

    def __init__(self, session: Session, order: LoadOrder, hands: int = 1) -> None:
        self.hands = hands
        self._session = session
        self._idle = [session]
        self._order = replace(order, tables=tuple(replace(i, table=with_targets(i.table)) for i in order.tables))
        self._items = dict(enumerate(self._order.tables))
        self._places = {item.table.name: place for place, item in self._items.items()}
        try:
            catalog.evict(session)
            with session.transaction():
                settle(session, order)
                self._widen()
                self._epoch, self.applied = catalog.take_over(session, order)
                if self.applied is None:
                    for place, item in self._items.items():
                        tables.create_staging(session, order, place, item)
        except BaseException:
            session.close()
            raise

    def _widen(self) -> None:
        """Let rows that were rejected meet the columns as they are in the target now."""
        if self._order.replays:
            self._order = widened(self._session, self._order)
            self._items = dict(enumerate(self._order.tables))

    def staged(self) -> set[tuple[str, int]]:
        """Read the ledger."""
        return catalog.staged_batches(self._session, self._order.uid)

    def stage(self, batch: Batch, rows: pa.Table, rejected: int = 0) -> None:
        """Commit rows and ledger row together, or find that they are there."""
        place = self._places[batch.table]
        item = self._items[place]
        refuse_other_count(batch, rows.num_rows + rejected)
        with naming_table(item):
            sent = sendable(rows, item.table)
            with self._hand() as session, session.transaction():
                self._share_fence(session)
                if not catalog.enter(session, self._order.uid, batch, rejected):
                    return
                tables.fill_staging(session, naming.staging_table(self._order.uid, place), sent)
                failpoint.reach("loader.mid_stage")
        failpoint.reach("loader.after_stage")

    def refusal(self, batch: Batch, rows: pa.Table) -> Fault | None:
        """Stage rows in a transaction that is rolled back."""
        place = self._places[batch.table]
        item = self._items[place]
        try:
            with naming_table(item):
                sent = sendable(rows, item.table)
                with self._hand() as session, session.trial():
                    self._share_fence(session)
                    tables.fill_staging(session, naming.staging_table(self._order.uid, place), sent)
        except DATA_FAULTS as fault:
            return fault
        return None

    def duplicates(self, distinct: Collection[Key], stop: Stop) -> dict[str, tuple[KeyDuplicates, ...]]:
        """Ask for each key, with all hands."""

        def ask(session: Session, place: int, item: OrderTable) -> tuple[str, tuple[KeyDuplicates, ...]]:
            staging = naming.staging_table(self._order.uid, place)
            return item.table.name, keys.duplicates(session, staging, item, distinct, stop)

        return dict(self._each_table(ask))

    def prepare(self, stop: Stop) -> None:
        """Read what came as text, make the keys, count for the planner; as many tables at once as there are hands."""

        def prepare(session: Session, place: int, item: OrderTable) -> None:
            with naming_table(item):
                self._prepare_table(session, place, item, stop)

        self._each_table(prepare)

    def _each_table(self, do: Callable[[Session, int, OrderTable], Result]) -> list[Result]:
        """Do something for every table, as many at once as there are hands; where one fails, no other is begun."""
        failed = threading.Event()

        def work(place: int, item: OrderTable) -> Result | None:
            try:
                if failed.is_set():
                    return None
                with self._hand() as session:
                    return do(session, place, item)
            except BaseException:
                failed.set()
                raise

        with ThreadPoolExecutor(self.hands, "table") as threads:
            under_way = [threads.submit(work, *each) for each in self._items.items()]
            return [cast(Result, done.result()) for done in under_way]

    def _prepare_table(self, session: Session, place: int, item: OrderTable, stop: Stop) -> None:
        staging, table = naming.staging_table(self._order.uid, place), item.table
        for sql in tables.late_types(self._order, place, table):
            self._alone(session, stop, sql)
        for name, sql in keys.key_constraints(self._order, place, table):
            if not keys.has_constraint(session, staging, name):
                self._alone(session, stop, sql)
        count = f"ANALYZE {quoted(staging)}"
        try:
            self._alone(session, stop, *keys.plain_index(self._order, place, table), count)
        except ValueOutOfRange:  # nobody asked for the index: it may not fit
            self._alone(session, stop, count)

    def apply(self, stop: Stop) -> Applied:
        """Make the staged tables the target, unless an apply whose answer was lost did it."""
        self.applied = catalog.applied(self._session, self._order.uid, self._epoch)
        if self.applied is not None:
            return self.applied
        failpoint.reach("loader.before_apply")
        with self._session.transaction():
            self._session.run(f"SET LOCAL lock_timeout TO '{APPLY_LOCK_SECONDS}s'")
            self._session.run(catalog.LOCK)
            self._fence("APPLIED")
            refuse_if_superseded(self._order, catalog.newer_loads(self._session, self._order))
            order = without_rejects(self._order, catalog.rejected_rows(self._session, self._order.uid))
            refuse_if_incomplete(order, catalog.staged_rows(self._session, self._order.uid))
            before = {found.table.name: found for found in catalog.read_catalog(self._session)}
            plan = Plan.of(order, before)
            self._skip(plan)
            self._replace(plan, stop)
            self._append(plan, stop)
            if self._order.enforced:
                keys.enforce_references(self._session, self._order)
            applied = self._describe(before, plan)
            if stop():
                raise AbortedByUser("the load was asked to stop")
        self.applied = applied
        failpoint.reach("loader.after_apply")
        self._analyze(plan)
        return applied

    def discard(self) -> None:
        """Drop staging tables and ledger rows; nothing to do where another loader has the load."""
        with contextlib.suppress(LeaseLost), self._session.transaction():
            self._fence("ENDED")
            tables.drop_staging(self._session, self._order.uid)
            catalog.clear_ledger(self._session, self._order.uid)

    def close(self) -> None:
        """Close the connections."""
        for session in {self._session, *self._idle}:
            session.close()

    @contextlib.contextmanager
    def _hand(self) -> Iterator[Session]:
        """A connection that nobody else stages with now; there are as many as there were threads at once."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = self._session.another()
        try:
            yield session
        finally:
            self._idle.append(session)

    def _fence(self, state: str) -> None:
        """Go on only while the epoch is the one of this claim."""
        if not self._session.run(catalog.FENCE, (state, self._order.uid, self._epoch)):
            raise self._lease_lost(self._session)

    def _share_fence(self, session: Session) -> None:
        """Go on only while the epoch is the one of this claim, beside others who do."""
        if not session.run(catalog.SHARED_FENCE, (self._order.uid, self._epoch)):
            raise self._lease_lost(session)

    def _lease_lost(self, session: Session) -> LeaseLost:
        return lease_lost(self._order, ended=catalog.is_ended(session, self._order.uid))

    def _alone(self, session: Session, stop: Stop, *statements: str) -> None:
        """Execute statements in a transaction of their own."""
        if stop():
            raise AbortedByUser("the load was asked to stop")
        with session.transaction():
            self._share_fence(session)
            for sql in statements:
                session.run(sql)

    def _skip(self, plan: "Plan") -> None:
        """Drop what the target has already."""
        for place in plan.skipped:
            self._session.run(f"DROP TABLE {quoted(naming.staging_table(self._order.uid, place))}")

    def _replace(self, plan: "Plan", stop: Stop) -> None:
        """Put staged tables in the place of their targets."""
        there = tables.lock_targets(self._session, list(plan.replacing.values()))
        views = dependent_views(self._session, there)
        keys.release_references(self._session, there)
        for place in tables.replace_targets(self._session, self._order, plan.replacing, stop):
            item = plan.replacing[place]
            self._write_catalog(item, item.rows, (self._order.run,))
            failpoint.reach("loader.mid_apply")
        repoint(self._session, views)
        tables.drop_replaced(self._session, self._order, plan.replacing)

    def _append(self, plan: "Plan", stop: Stop) -> None:
        """Add staged rows to targets that are there."""
        for place, (item, known) in plan.appending.items():
            meeting = meet(item.table, known.table, self._order.drift, widened=self._order.replays)
            with naming_table(item):
                staging = naming.staging_table(self._order.uid, place)
                tables.append(self._session, staging, known.target, meeting, stop)
            written = replace(item, table=meeting.table)
            self._write_catalog(written, item.rows + known.rows, (*known.runs, self._order.run))
            failpoint.reach("loader.mid_apply")

    def _write_catalog(self, item: OrderTable, rows: int, runs: tuple[str, ...]) -> None:
        entry = catalog.Entry(item.table, identifier(item.target), rows, runs)
        catalog.write_catalog(self._session, self._order, entry)

    def _describe(self, before: Mapping[str, LoadedTable], plan: "Plan") -> Applied:
        """Say what the load does, in the target too: its loader may die before it has written it down."""
        skipped = {item.table.name for item in plan.skipped.values()}
        brought = [*plan.replacing.values(), *(item for item, _ in plan.appending.values())]
        inserted = dict.fromkeys(skipped, 0) | {item.table.name: item.rows for item in brought}
        deleted = deleted_rows(self._order, before)
        catalog.clear_ledger(self._session, self._order.uid)
        catalog.keep_result(self._session, self._order.uid, inserted, deleted)
        return Applied(self._session.schema, inserted, deleted, catalog.read_catalog(self._session))

    def _analyze(self, plan: "Plan") -> None:
        """Count the tables that grew for the planner; the others were counted before they were brought in."""
        with contextlib.suppress(WarehouseUnavailable, DiskFull):  # the rows are there; statistics are a courtesy
            for _, known in plan.appending.values():
                self._session.run(f"ANALYZE {quoted(known.target)}")


@dataclass(frozen=True)
class Plan:
    """What an apply does with each staged table, by its place in the order."""

    replacing: dict[int, OrderTable]
    appending: dict[int, tuple[OrderTable, LoadedTable]]
    skipped: dict[int, OrderTable]

    @classmethod
    def of(cls, order: LoadOrder, before: Mapping[str, LoadedTable]) -> "Plan":
        """Decide for every table; refuse an append that does not continue what is there."""
        plan = cls({}, {}, {})
        for place, item in enumerate(order.tables):
            known = before.get(item.table.name) if order.mode is Mode.APPEND else None
            runs = known.runs if known else ()
            if order.mode is Mode.APPEND and not brings_rows(order.run, item.table.name, item.base_runs, runs):
                plan.skipped[place] = item
            elif known:
                plan.appending[place] = (item, known)
            else:
                plan.replacing[place] = item
        return plan
