"""Lanes: one for each place of a warehouse, so that a place has one writer; several lanes run at once.

A lane runs while its loads move, then rests until it is poked: by new events, a new load, an abort.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from dwsim_wire.fault import Fault
from loader_svc.core.faults import LeaseLost, LoadActive, LoadSwept, WarehouseBusy, WarehouseUnavailable
from loader_svc.core.loads import Failure, Load, LoadState
from loader_svc.store import StoreUnavailable
from loader_svc.store.loads import LoadStore
from loader_svc.warehouses.writer import Writer
from loader_svc.worker import metrics
from loader_svc.worker.job import Job, Rejects, Threads
from loader_svc.worker.warehouses import Warehouses

log = logging.getLogger("dwsim.loader")
LONGEST_PAUSE = 30.0
INTERRUPTERS = 4
TURN_SECONDS = 5.0
"""How long somebody waits for a place that is at work."""
SWEEP_PAUSE_SECONDS, LONGEST_SWEEP_PAUSE = 30.0, 600.0
DEFECT = Failure("INTERNAL", "the loader has a defect", "the loader's log has the details under the load id")


@dataclass(frozen=True)
class Limits:
    """Lanes that run at once, the connections of each, how long a busy warehouse is tried again, and the first pause
    of a load in trouble.
    """

    parallel: int = 2
    connections: int = 1
    retry_seconds: float = 60.0
    pause_seconds: float = 1.0


class Lanes:
    """All lanes of this process."""

    def __init__(
        self,
        store: LoadStore,
        rejects: Rejects,
        warehouses: Warehouses,
        changed: Callable[[], None],
        limits: Limits,
    ) -> None:
        self._store, self._warehouses, self._changed, self._limits = store, warehouses, changed, limits
        self._rejects = rejects
        self._threads = ThreadPoolExecutor(limits.parallel, "lane")
        several = limits.parallel * limits.connections
        self._helping = Threads(ThreadPoolExecutor(several, "reader"), ThreadPoolExecutor(several, "hand"))
        self._interrupters = ThreadPoolExecutor(INTERRUPTERS, "interrupter")
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}
        self._timers: list[threading.Timer] = []

    def poke(self, *namespaces: str) -> None:
        """Let these places look for work."""
        for namespace in filter(None, namespaces):
            if self._lane(namespace).wake() and not self._stopping.is_set():
                _send(self._threads, self._run, self._lane(namespace))
        self._changed()

    def abort(self, load: Load) -> None:
        """Make a load's job hear that it was asked to stop, and cancel what it waits for; it may be said again."""
        if job := self._lane(load.namespace).abort(load.load_id):
            _send(self._interrupters, self._interrupt, job)
        self.poke(load.namespace)

    def end(self, load: Load) -> None:
        """End a load that was asked to stop and does not, where it never began to apply; its rows are swept."""
        if ended := self._store.end_unapplied(load.load_id):
            metrics.count_end(ended)
            self._lane(load.namespace).owe(load.warehouse)
        self.poke(load.namespace)

    def unswept(self) -> list[str]:
        """Places where loads left rows that could not be dropped yet."""
        with self._lock:
            return [lane.namespace for lane in self._lanes.values() if lane.owes]

    def alone(self, namespace: str, do: Callable[[], int]) -> int:
        """Do something to a place while its lane rests and has nothing open; LoadActive where it does not rest soon."""
        lane = self._lane(namespace)
        if not lane.turn.acquire(timeout=TURN_SECONDS):
            raise LoadActive(f"place {namespace!r} is at work", hint="it is tried again")
        try:
            lane.leave()
            return do()
        finally:
            lane.turn.release()

    def sweep(self, writer: Writer) -> bool:
        """Drop what ended loads and deleted experiments of ours left in a warehouse; whether it could be asked.

        A place that cannot be opened is left alone; one that is at work is swept by its lane. Which loads are active is
        asked while the place's lane rests: a load that is accepted later begins to stage later.
        """
        try:
            namespaces = writer.namespaces()
        except WarehouseUnavailable as fault:
            log.warning("not swept", extra={"facts": {"warehouse": writer.kind, "reason": fault.reason}})
            return False
        except Exception:
            log.exception("not swept", extra={"facts": {"warehouse": writer.kind}})
            return True
        for namespace in namespaces:
            try:
                orphans = self.alone(namespace, partial(self._sweep_place, writer, namespace))
            except LoadActive:
                self._lane(namespace).owe(writer.kind)
            except Fault as fault:
                log.warning("not swept", extra={"facts": {"namespace": namespace, "reason": fault.reason}})
            except Exception:
                log.exception("not swept", extra={"facts": {"namespace": namespace}})
            else:
                log.info("swept", extra={"facts": {"namespace": namespace, "orphans": orphans}})
        return True

    def _sweep_place(self, writer: Writer, namespace: str) -> int:
        if self._store.is_buried(namespace):
            return writer.drop(namespace)
        active = {load.uid for load in self._store.active(namespace=namespace)}
        return writer.sweep(namespace, self._store.loader_id, active)

    def stop(self) -> None:
        """Let every lane finish its batch and leave its target; what is staged stays."""
        self._stopping.set()
        with self._lock:
            timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()
            timer.join()
        self._threads.shutdown(wait=True)
        for helpers in (*self._helping, self._interrupters):
            helpers.shutdown(wait=True, cancel_futures=True)
        for lane in self._lanes.values():
            lane.leave()

    def _lane(self, namespace: str) -> "_Lane":
        with self._lock:
            return self._lanes.setdefault(namespace, _Lane(namespace))

    def _interrupt(self, job: Job) -> None:
        try:
            job.interrupt()
        except Exception:
            log.exception("defect while a load was interrupted", extra={"facts": {"load_id": job.load_id}})

    def _run(self, lane: "_Lane") -> None:
        while lane.begin():
            with lane.turn:
                try:
                    while not self._stopping.is_set() and self._pass(lane):
                        self._changed()
                except Exception:
                    log.exception("defect in a lane", extra={"facts": {"namespace": lane.namespace}})
            self._changed()

    def _pass(self, lane: "_Lane") -> bool:
        """Let every active load of the place make a step; whether any moved."""
        moved = False
        loads = self._store.active(namespace=lane.namespace)
        lane.keep_only({load.load_id for load in loads})
        self._sweep_lane(lane)
        for load in loads:
            resting = load.state is not LoadState.ABORTING and lane.rests(load.load_id)
            if not resting and not self._stopping.is_set():
                moved |= self._step(lane, load)
        return moved

    def _sweep_lane(self, lane: "_Lane") -> None:
        """Drop the rows of loads that ended and left them; what fails is tried again after a pause."""
        for kind, pause in lane.due():
            try:
                self._sweep_place(self._warehouses.writer(kind), lane.namespace)
            except Fault as fault:
                log.warning("not swept", extra={"facts": {"namespace": lane.namespace, "reason": fault.reason}})
                lane.owe(kind, pause)
            except Exception:
                log.exception("not swept", extra={"facts": {"namespace": lane.namespace}})
                lane.owe(kind, pause)

    def _step(self, lane: "_Lane", load: Load) -> bool:
        """Let a load make a step; one that cannot go on now is left, and tried anew after a pause."""
        job = lane.jobs.get(load.load_id)
        if job is None:
            job = lane.jobs[load.load_id] = self._job(load)
        facts = {"facts": {"load_id": load.load_id}}
        try:
            return self._advance(job, load)
        except LeaseLost:
            log.warning("another loader took a load over", extra=facts)
        except StoreUnavailable:
            log.exception("the loader's database cannot be written", extra=facts)
        except Exception:
            log.exception("a load can neither go on nor end", extra=facts)
        finally:
            if job.ended:
                lane.jobs.pop(load.load_id, None)
        self._leave_alone(lane, load)
        return False

    def _job(self, load: Load) -> Job:
        return Job(
            load,
            self._store,
            self._warehouses.writer(load.warehouse),
            self._helping,
            self._rejects,
            stopping=self._stopping,
            retry_seconds=self._limits.retry_seconds,
        )

    def _advance(self, job: Job, load: Load) -> bool:
        """Make a step, or end the load with what went wrong; whether the load moved."""
        try:
            return job.step(load)
        except LoadSwept as fault:
            self._give_up(job, load, Failure.of(fault))
        except (LeaseLost, StoreUnavailable):
            raise
        except WarehouseBusy as fault:
            if not self._stopping.is_set():
                self._give_up(job, load, Failure.of(fault))
        except Fault as fault:
            self._give_up(job, load, Failure.of(fault))
        except Exception:
            log.exception("defect in a load", extra={"facts": {"load_id": load.load_id}})
            self._give_up(job, load, DEFECT)
        return True

    def _give_up(self, job: Job, load: Load, failure: Failure) -> None:
        """End a load with `failure`; staged rows that cannot be dropped now are swept later.

        One that the target may have does not end before the target says whether it has it.
        """
        log.warning("a load failed", extra={"facts": {"load_id": job.load_id, "reason": failure.reason}})
        try:
            job.stop(failure)
        except Exception:
            if self._store.may_be_applied(job.load_id):
                raise
            log.exception("staged rows stay until they are swept", extra={"facts": {"load_id": job.load_id}})
            job.give_up(failure)
            self._lane(load.namespace).owe(load.warehouse, SWEEP_PAUSE_SECONDS)

    def _leave_alone(self, lane: "_Lane", load: Load) -> None:
        """Forget what is known of a load, so that its next step asks the target; that step comes after a pause."""
        seconds = lane.rest(load.load_id, self._limits.pause_seconds)
        if self._stopping.is_set():
            return
        timer = threading.Timer(seconds, self.poke, [load.namespace])
        timer.daemon = True
        with self._lock:
            self._timers = [*(t for t in self._timers if t.is_alive()), timer]
            timer.start()


def _send(threads: ThreadPoolExecutor, do: Callable[..., None], *about: object) -> None:
    """Have something done by another thread, unless the loader stops: then it is done when it is back."""
    with contextlib.suppress(RuntimeError):  # there are no threads any more
        threads.submit(do, *about)


class _Lane:
    """One place: its jobs, whether it runs, and in which warehouses it has to sweep.

    `turn` is held while somebody works in the place.
    """

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.jobs: dict[int, Job] = {}
        self.turn = threading.Lock()
        self._unswept: dict[str, tuple[float, float]] = {}
        self._rests: dict[int, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._running = self._poked = False

    def wake(self) -> bool:
        """Note that there may be work; whether somebody has to be sent to run the lane."""
        with self._lock:
            self._poked = True
            idle, self._running = not self._running, True
            return idle

    def begin(self) -> bool:
        """Take the poke that was noted; without one the lane rests."""
        with self._lock:
            self._running, self._poked = self._poked, False
            return self._running

    def abort(self, load_id: int) -> Job | None:
        """Interrupt a job between two statements; answer it."""
        if job := self.jobs.get(load_id):
            job.aborting = True
        return job

    @property
    def owes(self) -> bool:
        """Whether there is something to sweep, now or later."""
        return bool(self._unswept)

    def owe(self, warehouse: str, pause: float = 0.0) -> None:
        """Note that loads left rows in a warehouse, which are to be swept after so many seconds."""
        with self._lock:
            self._unswept[warehouse] = time.monotonic() + pause, pause

    def due(self) -> list[tuple[str, float]]:
        """Take the warehouses that are to be swept now, each with the pause if it fails."""
        with self._lock:
            due = [(name, pause) for name, (at, pause) in self._unswept.items() if at <= time.monotonic()]
            for name, _ in due:
                del self._unswept[name]
        return [(name, min(max(2 * pause, SWEEP_PAUSE_SECONDS), LONGEST_SWEEP_PAUSE)) for name, pause in due]

    def rest(self, load_id: int, first: float) -> float:
        """Close a load's job and leave the load alone, each time longer; answer for how many seconds."""
        _, before = self._rests.get(load_id, (0.0, first / 2))
        seconds = min(2 * before, LONGEST_PAUSE)
        self._rests[load_id] = (time.monotonic() + seconds, seconds)
        if job := self.jobs.pop(load_id, None):
            job.close()
        return seconds

    def rests(self, load_id: int) -> bool:
        """Whether a load is left alone now."""
        return time.monotonic() < self._rests.get(load_id, (0.0, 0.0))[0]

    def keep_only(self, active: set[int]) -> None:
        """Forget loads that have ended."""
        for load_id in self.jobs.keys() - active:
            self.jobs.pop(load_id).close()
        for load_id in self._rests.keys() - active:
            del self._rests[load_id]

    def leave(self) -> None:
        """Close everything that is open in the place."""
        self.keep_only(set())
