"""Statements that are shown and not run: their form on the warehouse, and the plan of what they read.

A statement that writes is planned in its scratch, or in an empty one where there is none yet: nothing is made.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from query_svc.core.catalog import Place
from query_svc.core.faults import SqlFault, UnknownScratch
from query_svc.core.transfers.secrets import without_secrets
from query_svc.core.transfers.text import COPY, UNLOAD, transfer_verb
from query_svc.core.translate import Translation
from query_svc.core.writes.plan import Plan
from query_svc.warehouses.reader import Stop
from query_svc.worker.asking import Ask, home_of
from query_svc.worker.locating import Locator
from query_svc.worker.scratching import DEFAULT_NAME, ScratchDesk
from query_svc.worker.translating import Translator

Explain = Callable[[Translation], str]


@dataclass(frozen=True)
class Shown:
    """A statement's form on the warehouse, and the queries that it would run there, each with what becomes of it."""

    translation: Translation
    queries: tuple[tuple[str, Translation], ...]

    async def plan(self, explain: Explain) -> str:
        """Plans of the queries."""
        parts = [
            f"{heading}\n{plan}" if heading else plan
            for heading, query in self.queries
            for plan in [await asyncio.to_thread(explain, query)]
        ]
        return "\n\n".join(parts) or f"{self.translation.translated_sql.partition(';')[0]}: no table is read"


class Showing:
    """Shows statements of all kinds."""

    def __init__(self, translator: Translator, locator: Locator, scratches: ScratchDesk) -> None:
        self._translator, self._locator, self._scratches = translator, locator, scratches

    async def shown(self, ask: Ask, stop: Stop) -> Shown:
        """A statement as it would run; what would be refused is refused."""
        if verb := transfer_verb(ask.sql):
            return await (self._copy(ask, stop) if verb == COPY else self._unload(ask, stop))
        try:
            home = await home_of(ask, self._locator, self._scratches)
            made = await self._translator.translate(ask.sql, ask.dialect, home, stop)
        except (SqlFault, UnknownScratch):
            if (plan := await self._plan(ask, stop)) is None:
                raise
            return _planned(plan, ask.sql)
        return Shown(made, (("", made),))

    async def _plan(self, ask: Ask, stop: Stop) -> Plan | None:
        """Plan of a statement that writes; None of another."""
        if not ask.experiment:
            return None
        home = await self._locator.locate(ask.experiment)
        if not await self._translator.is_writing(ask.sql, ask.dialect, home, stop):
            return None
        return await self._translator.plan(ask.sql, ask.dialect, await self._beside(ask, home), stop)

    async def _beside(self, ask: Ask, home: Place) -> Place:
        """The experiment with the statement's scratch, which is empty where there is none."""
        name = ask.scratch or DEFAULT_NAME
        try:
            return await self._scratches.beside(home, ask.owner, name)
        except UnknownScratch:
            return replace(home, scratch=self._scratches.empty(home, name))

    async def _unload(self, ask: Ask, stop: Stop) -> Shown:
        home = await self._locator.locate(ask.experiment)
        with contextlib.suppress(UnknownScratch):
            home = await self._scratches.beside(home, ask.owner, ask.scratch or DEFAULT_NAME)
        unload, made = await self._translator.unload(ask.sql, ask.dialect, home, stop)
        return Shown(made, ((f"{UNLOAD} to {unload.place.uri}", made),))

    async def _copy(self, ask: Ask, stop: Stop) -> Shown:
        home = await self._beside(ask, await self._locator.locate(ask.experiment))
        _, plan = await self._translator.copy(ask.sql, ask.dialect, home, stop)
        return Shown(plan.translation(without_secrets(ask.sql)), ())


def _planned(plan: Plan, sql: str) -> Shown:
    queries = tuple((f"{change.kind.value} {change.table.name}", change.query) for change in plan.changes)
    return Shown(plan.translation(sql), queries)
