"""Plans: of a run, from what it pinned; of previews, kept while they are in use."""

import datetime as dt
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from generator_svc.core.admission import Admitted
from generator_svc.core.change_plan import ChangePlan
from generator_svc.core.document import Document, read_tables
from generator_svc.core.engine_version import ENGINE_VERSION
from generator_svc.core.plan import Plan
from generator_svc.core.references import ReadFile, with_references
from generator_svc.core.run import Run
from generator_svc.core.run_faults import EngineVersionChanged
from generator_svc.store import Store


class Previewed(NamedTuple):
    """A plan to take rows of, and the document that it was made of."""

    document: Document
    admitted: Admitted


class Plans:
    """The `most` plans that previews used last; safe to use from any thread."""

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Previewed] = OrderedDict()
        self._turn = threading.Lock()

    def of(self, key: Hashable, make: Callable[[], Previewed]) -> Previewed:
        """What `make` answers, or answered lately under the same `key`."""
        with self._turn:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._turn:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def plan_of_run(store: Store, run: Run, read: ReadFile) -> Plan | ChangePlan:
    """Plan that makes the batches of a run, from what the run pinned alone: its reference files too."""
    if run.order.engine_version != ENGINE_VERSION:
        raise EngineVersionChanged(
            f"run {run.run_id} was begun by engine version {run.order.engine_version}; this is {ENGINE_VERSION}",
            hint="start the run anew",
            metadata={"engine_version": run.order.engine_version},
        )
    document = store.runs.pinned(run.run_id).document
    order, as_of = run.order, dt.date.fromisoformat(run.order.as_of)
    versions = order.changes.versions if order.changes else None
    plan = Plan(with_references(read_tables(json.loads(document)), read), order.segments, order.seed, as_of, versions)
    return ChangePlan(plan, order.changes) if order.changes else plan
