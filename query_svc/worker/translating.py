"""Translation away from the event loop: in a thread, or for large statements in a process that can be killed."""

import asyncio
import contextlib
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from dataclasses import replace
from typing import Any

from sqlglot import exp

from query_svc.core.catalog import Place
from query_svc.core.dialects import DIALECTS, REDSHIFT, Dialect, dialect_of
from query_svc.core.excerpts import pointing_into
from query_svc.core.faults import UnknownExperiment
from query_svc.core.other_targets import translate_to
from query_svc.core.parse import refuse_long
from query_svc.core.transfers.copy import Copy, plan_copy
from query_svc.core.transfers.secrets import without_secrets
from query_svc.core.transfers.unload import Unload, read_unload
from query_svc.core.translate import Translation, candidates, read, translate
from query_svc.core.writes.plan import Plan
from query_svc.core.writes.planning import is_writing, names_in, plan
from query_svc.warehouses.reader import Stop
from query_svc.worker.apart import Apart
from query_svc.worker.locating import Locator

LARGE_TEXT = 65_536
MANY_WORDS = 4_000
LARGE_SECONDS = 20.0
PROCESSES = 2
LOOK_SECONDS = 0.2
KEPT_TRANSLATIONS = 512
_WORD = re.compile(r"\w+|[^\w\s]")
_Key = tuple[str, str, tuple[tuple[str, str, int], ...]]
_Call = Callable[..., Coroutine[Any, Any, Any]]


class Translator:
    """Translates statements; the same one over the same tables comes from memory."""

    def __init__(self, locator: Locator, default_warehouse: str, accounts: Collection[str] = ()) -> None:
        self._locator = locator
        self._accounts = frozenset(accounts)
        self.default_warehouse = default_warehouse
        self._kept: OrderedDict[_Key, Translation] = OrderedDict()
        self._names: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()
        self._room = asyncio.Semaphore(PROCESSES)

    async def translate(self, sql: str, dialect_name: str, home: Place | None, stop: Stop) -> Translation:
        """Translate a statement of an experiment; its dialect is the experiment's unless named."""
        refuse_long(sql)
        dialect = dialect_of(dialect_name or (home.dialect if home else "") or REDSHIFT.name)
        with pointing_into(sql):
            return await self._translate(sql, dialect, home, stop)

    async def _translate(self, sql: str, dialect: Dialect, home: Place | None, stop: Stop) -> Translation:
        async with self._hands(sql, stop) as call:
            others, tree = await self._others(sql, dialect, call)
            places = [*([home] if home else []), *others.values()]
            places += [home.scratch] if home and home.scratch else []
            key = (sql, dialect.name, tuple((p.experiment_id, p.namespace, p.generation) for p in places))
            if (kept := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return kept
            ends = (self.default_warehouse, tree, self._accounts)
            made: Translation = await call(_translate, sql, dialect.name, home, others, *ends)
        if len(sql) <= LARGE_TEXT:
            _keep(self._kept, key, made)
        return made

    async def unload(self, sql: str, dialect_name: str, home: Place, stop: Stop) -> tuple[Unload, Translation]:
        """Read an UNLOAD and translate its query; the notes of both are the translation's."""
        refuse_long(sql)
        with pointing_into(sql):
            unload = read_unload(sql, dialect_of(dialect_name or home.dialect or REDSHIFT.name))
        made = await self.translate(unload.query, REDSHIFT.name, home, stop)
        return unload, replace(made, sql=without_secrets(sql), notes=(*made.notes, *unload.notes))

    async def copy(self, sql: str, dialect_name: str, home: Place, stop: Stop) -> tuple[Copy, Plan]:
        """Read and plan a COPY into the scratch beside an experiment."""
        refuse_long(sql)
        dialect = dialect_of(dialect_name or home.dialect or REDSHIFT.name)
        with pointing_into(sql):
            async with self._hands(sql, stop) as call:
                made: tuple[Copy, Plan] = await call(plan_copy, sql, dialect.name, home)
            return made

    async def plan(self, sql: str, dialect_name: str, home: Place, stop: Stop) -> Plan:
        """Plan a statement that writes into the scratch beside an experiment."""
        dialect = dialect_of(dialect_name or home.dialect or REDSHIFT.name)
        async with self._hands(sql, stop) as call:
            others = await self._located(await call(_names_in, sql, dialect.name))
            made: Plan = await call(plan, sql, dialect.name, home, others, self._accounts)
        return made

    async def is_writing(self, sql: str, dialect_name: str, home: Place, stop: Stop) -> bool:
        """Whether a statement writes what a scratch takes."""
        refuse_long(sql)
        dialect = dialect_of(dialect_name or home.dialect or REDSHIFT.name)
        async with self._hands(sql, stop) as call:
            return bool(await call(_is_writing, sql, dialect.name))

    async def translate_to(self, target: str, sql: str, dialect_name: str, experiment: str, stop: Stop) -> Translation:
        """Translate a statement to a dialect that its warehouse does not speak; its names are not looked up."""
        refuse_long(sql)
        home = await self._locator.locate(experiment) if experiment else None
        dialect = dialect_of(dialect_name or (home.dialect if home else "") or REDSHIFT.name)
        warehouse = home.warehouse if home else self.default_warehouse
        with pointing_into(sql):
            async with self._hands(sql, stop) as call:
                made: Translation = await call(_translate_to, sql, dialect.name, target, warehouse)
            return made

    @contextlib.asynccontextmanager
    async def _hands(self, sql: str, stop: Stop) -> AsyncIterator[_Call]:
        """What calls functions for a statement: a thread, or a process where they may take long."""
        if not is_large(sql):
            yield asyncio.to_thread
            return
        await self._turn(stop)
        apart = Apart(stop, LARGE_SECONDS)
        try:
            yield lambda function, *args: asyncio.to_thread(apart.call, function, *args)
        finally:
            self._room.release()
            await asyncio.shield(asyncio.to_thread(apart.close))

    async def _turn(self, stop: Stop) -> None:
        """Wait for one of the few processes, no longer than the statement may."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._room.acquire()
                    return
            stop.check()

    async def _others(self, sql: str, dialect: Dialect, call: _Call) -> tuple[dict[str, Place], exp.Query | None]:
        """Other experiments that the statement names, and the statement as it was parsed for that in a thread."""
        if not ("." in sql or "__" in sql):
            return {}, None
        tree: exp.Query | None = None
        key = (sql, dialect.name)
        if (names := self._names.get(key)) is None:
            found_names: set[str]
            if call is asyncio.to_thread:
                tree, found_names = await call(read, sql, dialect)
            else:  # a tree is slower to send than to parse
                found_names = await call(_candidates, sql, dialect.name)
            names = frozenset(found_names)
            if len(sql) <= LARGE_TEXT:
                _keep(self._names, key, names)
        return await self._located(names), tree

    async def _located(self, names: Collection[str]) -> dict[str, Place]:
        """Those of the names that are experiments."""
        found: dict[str, Place] = {}
        for name in sorted(names):
            try:
                found[name.lower()] = await self._locator.locate(name)
            except UnknownExperiment:
                continue
        return found


def is_large(sql: str) -> bool:
    """Whether reading a statement may take longer than a process takes to start."""
    return len(sql) > LARGE_TEXT or sum(1 for _ in _WORD.finditer(sql)) > MANY_WORDS


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    if len(kept) > KEPT_TRANSLATIONS:
        kept.popitem(last=False)


def _candidates(sql: str, dialect: str) -> set[str]:
    return candidates(sql, DIALECTS[dialect])


def _names_in(sql: str, dialect: str) -> set[str]:
    return names_in(sql, DIALECTS[dialect])


def _is_writing(sql: str, dialect: str) -> bool:
    return is_writing(sql, DIALECTS[dialect])


def _translate_to(sql: str, dialect: str, target: str, warehouse: str) -> Translation:
    return translate_to(sql, DIALECTS[dialect], target, warehouse)


def _translate(
    sql: str,
    dialect: str,
    home: Place | None,
    others: dict[str, Place],
    default: str,
    tree: exp.Query | None,
    accounts: frozenset[str],
) -> Translation:
    return translate(sql, DIALECTS[dialect], home, others, default, tree, accounts)
