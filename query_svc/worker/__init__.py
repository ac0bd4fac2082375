"""The hands of the service: statements from text to rows, counted, limited, cancellable, written to the history."""

import asyncio
import contextlib
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import pyarrow as pa

from dwsim_wire.fault import Fault, InvalidArgument, Unavailable
from query_svc.core.catalog import Place
from query_svc.core.dialects import REDSHIFT
from query_svc.core.faults import (
    CancelledByUser,
    QueryEnded,
    TooManyQueries,
    UnknownQuery,
    UnknownScratch,
    WarehouseUnavailable,
    WriteRefused,
)
from query_svc.core.records import QueryRecord, State, failure_of
from query_svc.core.rules.lengths import LONGEST_TEXT
from query_svc.core.transfers.secrets import without_secrets
from query_svc.core.transfers.text import COPY, UNLOAD, transfer_verb
from query_svc.core.translate import Translation
from query_svc.staging import Area
from query_svc.store import History
from query_svc.warehouses.reader import Reader, Statement, Stop
from query_svc.warehouses.scratch import Scratches
from query_svc.worker.asking import Ask, home_of
from query_svc.worker.copying import FilesReader
from query_svc.worker.execution import Execution, Limits, Opened, capped
from query_svc.worker.kept import KeptResult, KeptResults
from query_svc.worker.locating import Locator
from query_svc.worker.scratching import DEFAULT_NAME, ScratchDesk
from query_svc.worker.showing import Showing
from query_svc.worker.translating import Translator
from query_svc.worker.unloading import UnloadReader
from query_svc.worker.writing import PlanReader

PRIORITY = ("REDSHIFT", "SNOWFLAKE", "SQLITE")
"""Of the warehouses that are served, the first runs statements that name no experiment."""
CANCEL_SECONDS = 5.0


@dataclass
class Running:
    """A query that is being answered."""

    record: QueryRecord
    began: float
    stop: Stop
    execution: Execution | None = None
    translation: Translation | None = None
    fault: Fault | None = None
    translate_ms: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, fault: Fault) -> None:
        """End the query wherever it is; the first fault stands."""
        self.fault = self.fault or fault
        self.stop.end(fault)

    async def over(self, seconds: float) -> bool:
        """Wait until the query has ended, at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)
        return self.ended.is_set()

    @property
    def first_row_ms(self) -> float:
        """Milliseconds until the first row was there."""
        at = self.execution.first_row_at if self.execution else None
        return 0.0 if at is None else (at - self.began) * 1e3

    @property
    def total_ms(self) -> float:
        """Milliseconds since the query came."""
        return (time.monotonic() - self.began) * 1e3


class Queries:
    """All queries of the service."""

    def __init__(
        self,
        locator: Locator,
        readers: Mapping[str, Reader],
        history: History,
        ceiling: Limits,
        *,
        scratches: ScratchDesk,
        area: Area,
        accounts: Collection[str] = (),
        most: int,
        most_per_client: int,
        kept_bytes: int,
    ) -> None:
        self.locator, self.history, self.ceiling = locator, history, ceiling
        self.translator = Translator(locator, next(kind for kind in PRIORITY if kind in readers), accounts)
        self.kept = KeptResults(4 * kept_bytes)
        self.scratches = scratches
        self._showing = Showing(self.translator, locator, scratches)
        self._area = area
        self._kept_bytes = kept_bytes
        self._readers = readers
        self._most, self._most_per_client = most, most_per_client
        self._running: dict[str, Running] = {}
        self._draining = False
        self.answered = 0

    @contextlib.asynccontextmanager
    async def run(self, ask: Ask, limits: Limits) -> AsyncIterator[tuple[Running, Opened]]:
        """Run a statement while the context lasts; leaving it early ends the statement in the warehouse too."""
        limits = capped(limits, self.ceiling)
        running = self._enter(ask, Stop(limits.seconds))
        held = contextlib.AsyncExitStack()
        try:
            execution = await self._begin(running, ask, limits, held)
            yield running, await execution.open()
        except Fault as fault:
            running.fault = running.fault or fault
            raise
        except (asyncio.CancelledError, GeneratorExit):
            running.end(CancelledByUser("the client left"))
            raise
        finally:
            try:
                await self._exit(running)
            finally:
                await held.aclose()

    async def _begin(self, running: Running, ask: Ask, limits: Limits, held: contextlib.AsyncExitStack) -> Execution:
        translation, reader = await self._read_or_write(ask, limits, running.stop, held)
        running.translation = translation
        running.translate_ms = running.total_ms
        if running.fault:
            raise running.fault
        running.record = replace(
            running.record,
            dialect=translation.dialect,
            warehouse=translation.warehouse,
            verdict=translation.verdict.value,
        )
        self.history.record(running.record)
        reader = reader or self.reader(translation.warehouse)
        running.execution = Execution(reader, statement_of(translation), limits, running.stop)
        return running.execution

    async def _read_or_write(
        self, ask: Ask, limits: Limits, stop: Stop, held: contextlib.AsyncExitStack
    ) -> tuple[Translation, Reader | None]:
        """A statement's form on the warehouse; where it writes, with what reads and writes for it."""
        verb = transfer_verb(ask.sql)
        if verb and not ask.allow_writes:
            hint = "ExecuteQuery with allow_writes (`dw-sim query --allow-writes`) takes it"
            raise WriteRefused(f"{verb} writes, and writing is not allowed", hint=hint)
        if verb == UNLOAD:
            return await self._unload(ask, limits, stop)
        if not ask.allow_writes:
            home = await home_of(ask, self.locator, self.scratches)
            return await self.translator.translate(ask.sql, ask.dialect, home, stop), None
        place = await self.locator.locate(ask.experiment)
        name = ask.scratch or DEFAULT_NAME
        if not verb and not await self.translator.is_writing(ask.sql, ask.dialect, place, stop):
            with contextlib.suppress(UnknownScratch):
                place = await self.scratches.beside(place, ask.owner, name)
            return await self.translator.translate(ask.sql, ask.dialect, place, stop), None
        beside = await held.enter_async_context(self.scratches.writing(place, ask.owner, name, stop))
        parts: tuple[Reader, Scratches] = (self.reader(place.warehouse), self.scratches.warehouse(place.warehouse))
        if verb == COPY:
            copied, plan = await self.translator.copy(ask.sql, ask.dialect, beside, stop)
            parts = (FilesReader(copied, self._area), parts[1])
        else:
            plan = await self.translator.plan(ask.sql, ask.dialect, beside, stop)
        writer = PlanReader(plan, cast(Place, beside.scratch), *parts, self.scratches.keep, statement_of, limits)
        return plan.translation(without_secrets(ask.sql) if verb else ask.sql), writer

    async def _unload(self, ask: Ask, limits: Limits, stop: Stop) -> tuple[Translation, Reader]:
        """An UNLOAD: its query, with what writes the rows as files."""
        home = await self.locator.locate(ask.experiment)
        with contextlib.suppress(UnknownScratch):
            home = await self.scratches.beside(home, ask.owner, ask.scratch or DEFAULT_NAME)
        unload, made = await self.translator.unload(ask.sql, ask.dialect, home, stop)
        return made, UnloadReader(unload, self.reader(made.warehouse), self._area, limits)

    @property
    def warehouses(self) -> list[str]:
        """Kinds of warehouses that are read."""
        return sorted(self._readers)

    def reader(self, kind: str) -> Reader:
        """Reader of a kind of warehouse."""
        if (reader := self._readers.get(kind)) is not None:
            return reader
        configured = " and ".join(self.warehouses)
        raise WarehouseUnavailable(
            f"the tables are in {kind}, and the query service is configured for {configured} alone",
            hint=f"configure {kind} (`dw-sim up --warehouse …`), or load the experiment into {configured}",
            metadata={"warehouse": kind},
        )

    def _enter(self, ask: Ask, stop: Stop) -> Running:
        query_id = ask.query_id or uuid.uuid4().hex
        if self._draining:
            raise _stopping()
        if len(query_id) > 64:
            raise InvalidArgument("query_id has more than 64 characters", metadata={"field": "query_id"})
        if query_id in self._running:
            raise InvalidArgument(f"a query {query_id!r} is running", hint="choose another query_id, or none")
        clients = Counter(r.record.client for r in self._running.values())
        if len(self._running) >= self._most or clients[ask.client] >= self._most_per_client:
            raise TooManyQueries(
                f"{len(self._running)} queries are running", hint="wait for one to end, or cancel one with CancelQuery"
            )
        sql = without_secrets(ask.sql) if transfer_verb(ask.sql) else ask.sql
        record = QueryRecord(query_id, ask.experiment, sql, ask.client, time.time(), dialect=ask.dialect)
        running = Running(record, time.monotonic(), stop)
        self._running[query_id] = running
        self.history.record(record)
        return running

    async def _exit(self, running: Running) -> None:
        execution = running.execution
        try:
            if execution is not None:
                await asyncio.shield(execution.leave())
        finally:
            self._running.pop(running.record.query_id, None)
            self.answered += 1
            running.record = _ended(running)
            self.history.record(running.record)
            running.ended.set()

    async def cancel(self, query_id: str) -> QueryRecord:
        """End a running query and answer it as it ended."""
        running = self._running.get(query_id)
        if running is None:
            record = await asyncio.to_thread(self.history.get, query_id)
            if record is None:
                raise UnknownQuery(f"there is no query {query_id!r}", metadata={"query_id": query_id})
            raise QueryEnded(f"query {query_id!r} has ended: {record.state.value}", metadata={"query_id": query_id})
        running.end(CancelledByUser("the query was cancelled on request"))
        await running.over(CANCEL_SECONDS)
        return running.record

    async def collect(self, ask: Ask, limits: Limits) -> KeptResult:
        """Run a statement whose whole, small result is kept for its pages."""
        small = replace(limits, bytes=min(limits.bytes or self._kept_bytes, self._kept_bytes))
        async with self.run(ask, small) as (running, opened):
            execution = running.execution
            if execution is None or running.translation is None:
                raise InvalidArgument("the query did not begin")
            batches = [batch async for batch in execution.batches()]
            if execution.closed and execution.closed.fault:
                raise execution.closed.fault
            return KeptResult(
                query_id=running.record.query_id,
                translation=running.translation,
                columns=opened.columns,
                table=pa.Table.from_batches(batches, opened.schema),
                truncated=bool(execution.closed and execution.closed.truncated),
                first_row_ms=running.first_row_ms,
                total_ms=running.total_ms,
                translate_ms=running.translate_ms,
            )

    async def translation(self, ask: Ask, target: str = "") -> Translation:
        """Form of a statement on its warehouse, or in the dialect `target`."""
        stop = Stop(self.ceiling.seconds)
        if target:
            return await self.translator.translate_to(target, ask.sql, ask.dialect, ask.experiment, stop)
        return (await self._showing.shown(ask, stop)).translation

    async def explain(self, ask: Ask) -> tuple[Translation, str]:
        """Plan of what a statement reads."""
        stop = Stop(self.ceiling.seconds)
        shown = await self._showing.shown(ask, stop)
        reader = self.reader(shown.translation.warehouse)
        return shown.translation, await shown.plan(lambda query: reader.explain(statement_of(query), stop))

    async def stop(self, patience: float) -> None:
        """Take no more queries; those under way get `patience` seconds, then they end."""
        self._draining = True
        for running in list(self._running.values()):
            began = time.monotonic()
            if not await running.over(patience):
                running.end(_stopping())
                await running.over(CANCEL_SECONDS)
            patience = max(0.0, patience - (time.monotonic() - began))
        for reader in self._readers.values():
            await asyncio.to_thread(reader.close)


def statement_of(translation: Translation) -> Statement:
    """Statement that a reader runs."""
    return Statement(
        sql=translation.translated_sql,
        columns=tuple((column.name, column.type) for column in translation.columns),
        databases=translation.databases,
        tables=translation.tables,
        native=translation.native,
        longest_text=LONGEST_TEXT if translation.dialect == REDSHIFT.name else 0,
    )


def _stopping() -> Unavailable:
    return Unavailable("the query service is stopping", hint="send the query again in a moment")


def _ended(running: Running) -> QueryRecord:
    execution = running.execution
    fault = running.fault or (execution.closed.fault if execution and execution.closed else None)
    state = State.COMPLETED
    if fault is not None:
        state = State.CANCELLED if isinstance(fault, CancelledByUser) else State.FAILED
    return replace(
        running.record,
        state=state,
        rows=execution.rows if execution else 0,
        bytes=execution.bytes if execution else 0,
        total_ms=running.total_ms,
        failure=failure_of(fault) if fault else None,
    )
