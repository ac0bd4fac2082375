"""Ingests at work: every few seconds each looks at its place, and gives new files to a load.

What a look saw is kept in memory alone; what was taken is in the store. A loader that dies looks twice again.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any

from dwsim_wire.fault import Fault, InvalidArgument
from dwsim_wire.staging import StagingRoot
from loader_svc.core.document import parse_experiment
from loader_svc.core.faults import UnknownTable
from loader_svc.core.ingests import ANY_PARQUET, FileState, Ingest, IngestedFile, LookLimits, NewIngest, Sight, to_read
from loader_svc.core.loads import Failure
from loader_svc.core.naming import shown
from loader_svc.peers import FoundExperiment, SchemaPeer
from loader_svc.store import StoreUnavailable
from loader_svc.store.ingests import IngestStore
from loader_svc.warehouses.writer import ReadsFiles
from loader_svc.worker import ingest_place
from loader_svc.worker.ingest_file import FileReading
from loader_svc.worker.warehouses import Warehouses

log = logging.getLogger("dwsim.loader")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
LONGEST_PATTERN = 1_000
MOST_FILES = 500
"""Files that one look takes; the next look takes the others."""
SECOND_MICROSECONDS = 1_000_000
DEFECT = Failure("INTERNAL", "the loader has a defect", "the loader's log has the details")


@dataclass(frozen=True)
class IngestRequest:
    """What CreateIngest is asked for; an empty warehouse or pattern leaves the choice to the loader."""

    name: str
    uri: str
    experiment: str
    table: str
    warehouse: str
    pattern: str


@dataclass(frozen=True)
class Looks:
    """Seconds between two looks, how many places are looked at at once, what each may take, and where.

    `piece_bytes` of a file are read at once.
    """

    seconds: float = 5.0
    at_once: int = 4
    limits: LookLimits = field(default_factory=LookLimits)
    piece_bytes: int = 512 << 20
    system_directories: bool = False


class Ingester:
    """All ingests of this loader."""

    def __init__(
        self,
        store: IngestStore,
        schema: SchemaPeer,
        warehouses: Warehouses,
        poke: Callable[[str], None],
        looks: Looks,
    ) -> None:
        self._store, self._schema, self._warehouses = store, schema, warehouses
        self._poke, self._looks = poke, looks
        self._sights: dict[int, dict[str, Sight]] = {}
        self._threads = ThreadPoolExecutor(looks.at_once, "look")
        self._looking: dict[int, Future[None]] = {}

    async def create(self, request: IngestRequest) -> Ingest:
        """Make an ingest, after one look at its place."""
        _refuse_wrong(request)
        new = self._new(request, await self._schema.experiment(request.experiment))
        root = StagingRoot.parse(new.uri)
        if not self._looks.system_directories:
            ingest_place.refuse_system(root)
        see = partial(ingest_place.look, root, new.pattern, self._looks.limits)
        await asyncio.get_running_loop().run_in_executor(self._threads, see)
        return await asyncio.to_thread(self._store.create, new)

    async def get(self, name: str) -> Ingest:
        """One ingest."""
        return await asyncio.to_thread(self._store.get, name)

    async def page(self, experiment: str, after: str, limit: int) -> list[Ingest]:
        """Ingests by name."""
        return await asyncio.to_thread(self._store.page, experiment, after, limit)

    async def files(self, name: str, states: Collection[FileState], after: str, limit: int) -> list[IngestedFile]:
        """Files of an ingest by their URIs."""
        ingest = await self.get(name)
        return await asyncio.to_thread(self._store.files, ingest.ingest_id, states, after, limit)

    async def pause(self, name: str) -> Ingest:
        """Look no more."""
        return await asyncio.to_thread(self._store.pause, name)

    async def resume(self, name: str) -> Ingest:
        """Look again, at refused files too."""
        return await asyncio.to_thread(self._store.resume, name)

    async def delete(self, name: str) -> None:
        """Forget an ingest."""
        await asyncio.to_thread(self._store.delete, name)

    async def run(self) -> None:
        """Look at every place, again and again, until cancelled; a slow place holds no other up."""
        try:
            while True:
                try:
                    await asyncio.to_thread(self._store.bury)
                    self._look_at(await asyncio.to_thread(self._store.at_work))
                except Exception:
                    log.exception("the ingests cannot be looked after; trying again")
                await asyncio.sleep(self._looks.seconds)
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _look_at(self, ingests: Sequence[Ingest]) -> None:
        """Begin a look of every ingest whose last one has ended."""
        self._sights = {each.ingest_id: self._sights.get(each.ingest_id, {}) for each in ingests}
        self._looking = {key: look for key, look in self._looking.items() if not look.done()}
        for ingest in ingests:
            if ingest.ingest_id not in self._looking:
                self._looking[ingest.ingest_id] = self._threads.submit(self._look, ingest)

    def _look(self, ingest: Ingest) -> None:
        """Look once; what is wrong with the place is the ingest's failure, and no other's."""
        failure = None
        try:
            self._take(ingest)
        except Fault as fault:
            failure = Failure.of(fault)
            facts = {"ingest": ingest.made_of.name, "reason": fault.reason}
            log.warning("an ingest cannot look", extra={"facts": facts})
        except Exception:
            log.exception("defect while an ingest looked", extra={"facts": {"ingest": ingest.made_of.name}})
            failure = DEFECT
        try:
            self._store.looked(ingest.ingest_id, failure)
        except StoreUnavailable:
            log.exception("the loader's database cannot be written")

    def _take(self, ingest: Ingest) -> None:
        of = ingest.made_of
        writer = self._warehouses.writer(of.warehouse)
        reads_files = writer.reads_files if isinstance(writer, ReadsFiles) else bool
        seen = ingest_place.look(StagingRoot.parse(of.uri), of.pattern, self._looks.limits)
        before, now = self._sights.get(ingest.ingest_id, {}), {sight.uri: sight for sight in seen}
        known = {file.read.sight.uri: file for file in self._store.files(ingest.ingest_id)}
        [table] = [each for each in parse_experiment(json.loads(of.document)).tables if each.name == of.table]
        chosen = to_read(seen, before, known, MOST_FILES)
        reading = FileReading(table, self._looks.piece_bytes, reads_files)
        read = [file for sight in chosen if (file := reading.read(sight))]
        self._sights[ingest.ingest_id] = now
        if self._store.take(ingest, read, int(self._looks.seconds * SECOND_MICROSECONDS)):
            self._poke(of.namespace)

    def _new(self, request: IngestRequest, experiment: FoundExperiment) -> NewIngest:
        document = parse_experiment(experiment.document)
        _refuse_unknown_table(request.table, experiment.name, [table.name for table in document.tables])
        wanted = request.warehouse or document.target_warehouse
        route = self._warehouses.place(experiment.name, experiment.experiment_id, wanted)
        return NewIngest(
            name=request.name,
            uri=StagingRoot.parse(request.uri).resolved.uri,
            pattern=request.pattern or ANY_PARQUET,
            experiment=experiment.name,
            experiment_id=experiment.experiment_id,
            table=request.table,
            warehouse=route.warehouse,
            namespace=route.namespace,
            document=_trimmed(experiment.document, request.table),
        )


def _trimmed(document: dict[str, Any], table: str) -> str:
    """An experiment's document with the columns of one table; names in a target depend on the names of all."""
    tables = [each if each["name"] == table else {"name": each["name"]} for each in document.get("tables", ())]
    return json.dumps(document | {"tables": tables}, ensure_ascii=False)


def _refuse_unknown_table(table: str, experiment: str, known: list[str]) -> None:
    if table in known:
        return
    close = get_close_matches(table, known, 1)
    raise UnknownTable(
        f"experiment {experiment!r} has no table {shown(table)!r}; it has {', '.join(known)}",
        hint=f"did you mean {close[0]!r}?" if close else "",
        metadata={"table": shown(table)},
    )


def _refuse_wrong(request: IngestRequest) -> None:
    if not NAME.fullmatch(request.name):
        hint = "a letter, then letters, digits, `_` or `-`, at most 63"
        raise _wrong("name", f"{shown(request.name)!r} is no name of an ingest", hint)
    if len(request.pattern) > LONGEST_PATTERN:
        raise _wrong("pattern", "the pattern is too long", f"at most {LONGEST_PATTERN} characters")
    if not request.experiment:
        raise _wrong("experiment", "CreateIngest names no experiment", "name the experiment that has the table")


def _wrong(field: str, what: str, hint: str) -> InvalidArgument:
    return InvalidArgument(what, hint=hint, metadata={"field": field})
