"""Retention: events, runs and files that are kept no longer go, at the start and from then on every hour.

Events go with whole runs. Files go when their run says so (EXPIRE_DAYS) or the settings do. Runs and files go only from
the staging area: what a client had put into a directory of its own is the client's.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from dwsim_wire.clock import now
from generator_svc.core.run import DAY_MICROSECONDS, Run
from generator_svc.store import Store
from generator_svc.worker.removal import Removal

log = logging.getLogger("dwsim.generator.worker")
SWEEP_SECONDS = 3600.0
SURPLUS_AFTER_MICROSECONDS = 3600 * 1_000_000
"""A surplus run stays this long after its end: somebody may be loading it."""
MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Keep:
    """How many are kept, and for how many days; 0 is no limit."""

    events: int = 0
    events_days: int = 0
    runs: int = 0
    runs_days: int = 0
    files_days: int = 0


class Retention:
    """Sweeps out what is kept no longer."""

    def __init__(self, store: Store, removal: Removal, area: str, keep: Keep) -> None:
        self._store = store
        self._removal = removal
        self._area = area
        self._keep = keep
        self._stopped = asyncio.Event()
        self._sweeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Sweep now and then, in the background."""
        self._sweeping = asyncio.create_task(self._sweep_often())

    async def stop(self) -> None:
        """Sweep no more; the step under way is finished."""
        self._stopped.set()
        if self._sweeping:
            await self._sweeping

    def sweep(self) -> None:
        """Delete what is kept no longer; safe to repeat, and to break off."""
        self._sweep_runs()
        self._sweep_files()
        self._sweep_events()

    async def _sweep_often(self) -> None:
        while not self._stopped.is_set():
            try:
                await asyncio.to_thread(self.sweep)
            except Exception:
                log.exception("what is kept no longer cannot be swept out; trying again later")
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._stopped.wait()

    def _sweep_runs(self) -> None:
        keep = self._keep
        if not (keep.runs or keep.runs_days):
            return
        settled = now() - SURPLUS_AFTER_MICROSECONDS
        old = self._store.runs.expired(self._area, _days_ago(keep.runs_days), keep.runs, settled)
        self._remove(old, forget=True)

    def _sweep_files(self) -> None:
        self._remove(self._store.runs.outdated(now()), forget=False)
        if not self._keep.files_days:
            return
        before = _days_ago(self._keep.files_days)
        self._remove(self._store.runs.staged(self._area, before), forget=False)
        self._removal.clean_strays(before, dry_run=False)

    def _sweep_events(self) -> None:
        last = self._store.log.expired(_days_ago(self._keep.events_days), self._keep.events)
        gone = 0
        while not self._stopped.is_set() and (some := self._store.log.expire(last, MOST_AT_ONCE)):
            gone += some
        if gone:
            log.info("forgot old events", extra={"facts": {"events": gone, "last": last}})
        while not self._stopped.is_set() and self._store.runs.forget(MOST_AT_ONCE):
            pass

    def _remove(self, runs: Iterable[Run], *, forget: bool) -> None:
        for run in runs:
            if self._stopped.is_set():
                return
            facts = {"run_id": run.run_id, "files": self._removal.remove(run, forget=forget)}
            log.info("swept out %s", "a run" if forget else "the files of a run", extra={"facts": facts})


def _days_ago(days: int) -> int:
    """The moment `days` days ago; the beginning of time for 0."""
    return now() - days * DAY_MICROSECONDS if days else 0
