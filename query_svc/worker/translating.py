"""Translation away from the event loop: in a thread, or for large texts in a process that can be killed."""

import asyncio
import multiprocessing
from collections import OrderedDict
from multiprocessing.connection import Connection

from dwsim_wire.fault import Fault
from query_svc.core.catalog import Place
from query_svc.core.dialects import DIALECTS, REDSHIFT, Dialect, dialect_of
from query_svc.core.faults import TooComplex, UnknownExperiment
from query_svc.core.parse import MOST_CHARACTERS
from query_svc.core.translate import Translation, candidates, translate
from query_svc.worker.locating import Locator

LARGE_TEXT = 65_536
LARGE_TEXT_SECONDS = 20.0
KEPT_TRANSLATIONS = 512
_Key = tuple[str, str, tuple[tuple[str, str, int], ...]]


class Translator:
    """Translates statements; the same one over the same tables comes from memory."""

    def __init__(self, locator: Locator, default_warehouse: str) -> None:
        self._locator = locator
        self.default_warehouse = default_warehouse
        self._kept: OrderedDict[_Key, Translation] = OrderedDict()
        self._names: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()

    async def translate(self, sql: str, dialect_name: str, experiment: str) -> Translation:
        """Translate a statement of an experiment; its dialect is the experiment's unless named."""
        home = await self._locator.locate(experiment) if experiment else None
        dialect = dialect_of(dialect_name or (home.dialect if home else "") or REDSHIFT.name)
        others = await self._others(sql, dialect)
        places = [*([home] if home else []), *others.values()]
        key = (sql, dialect.name, tuple((p.experiment_id, p.namespace, p.generation) for p in places))
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        made = await self._make(sql, dialect, home, others)
        if len(sql) <= LARGE_TEXT:
            self._kept[key] = made
            if len(self._kept) > KEPT_TRANSLATIONS:
                self._kept.popitem(last=False)
        return made

    async def _others(self, sql: str, dialect: Dialect) -> dict[str, Place]:
        """Other experiments that the statement names."""
        if len(sql) > LARGE_TEXT or not ("." in sql or "__" in sql):
            return {}
        key = (sql, dialect.name)
        if (names := self._names.get(key)) is None:
            names = frozenset(await asyncio.to_thread(candidates, sql, dialect))
            self._names[key] = names
            if len(self._names) > KEPT_TRANSLATIONS:
                self._names.popitem(last=False)
        found: dict[str, Place] = {}
        for name in sorted(names):
            try:
                found[name.lower()] = await self._locator.locate(name)
            except UnknownExperiment:
                continue
        return found

    async def _make(self, sql: str, dialect: Dialect, home: Place | None, others: dict[str, Place]) -> Translation:
        if len(sql) <= LARGE_TEXT or len(sql) > MOST_CHARACTERS:  # what is refused unread needs no process
            return await asyncio.to_thread(translate, sql, dialect, home, others, self.default_warehouse)
        return await asyncio.to_thread(_in_process, sql, dialect, home, others, self.default_warehouse)


def _in_process(sql: str, dialect: Dialect, home: Place | None, others: dict[str, Place], default: str) -> Translation:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    given = (theirs, sql, dialect.name, home, others, default)
    process = spawn.Process(target=_translate_into, args=given, daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(LARGE_TEXT_SECONDS):
            raise TooComplex(
                f"the statement took longer than {LARGE_TEXT_SECONDS:g} s to read",
                hint="send a smaller statement",
                metadata={"limit": f"{LARGE_TEXT_SECONDS:g} s"},
            )
        answer = ours.recv()
    except EOFError:
        raise TooComplex("the statement needs more than the server has to read it", hint="send less") from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(answer, Translation):
        return answer
    raise _revived(*answer)


def _translate_into(
    answers: "Connection[object, object]",
    sql: str,
    name: str,
    home: Place | None,
    others: dict[str, Place],
    default: str,
) -> None:
    try:
        answers.send(translate(sql, DIALECTS[name], home, others, default))
    except Fault as fault:
        answers.send((type(fault), fault.message, fault.hint, fault.metadata))


def _revived(kind: type[Fault], message: str, hint: str, metadata: dict[str, str]) -> Fault:
    """Make a fault again on this side of the pipe."""
    fault = kind.__new__(kind)
    Fault.__init__(fault, message, hint=hint, metadata=metadata)
    return fault
