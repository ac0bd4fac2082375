"""Staging a batch as far as its load tolerates refused rows: good rows with the ledger row, the others into a file.

Exactly once: the file is durable and recorded before the one transaction that has the good rows, the ledger row and the
count of the rejects. Whoever dies before that transaction does the batch again and comes to the same file.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, NoReturn

import pyarrow as pa

from dwsim_wire import failpoint
from dwsim_wire.fault import Fault
from loader_svc.core.faults import AbortedByUser, SkipNotPossible
from loader_svc.core.loads import Batch, Load
from loader_svc.core.rejects import DATA_FAULTS, Refused, name_row, refuse_too_many, refused_rows, shown_row
from loader_svc.core.tolerance import OnError
from loader_svc.store.rejects import RejectStore
from loader_svc.warehouses.staged_content import checked_rows
from loader_svc.warehouses.writer import SkipsRows, Staging
from loader_svc.worker.reject_files import RejectFiles, facts_of

Retrying = Callable[[Callable[[], Any]], Any]


def refuse_skipping(load: Load) -> None:
    """Refuse a load that would skip rows where the warehouse reads whole files."""
    if load.tolerance.skips:
        raise SkipNotPossible(
            f"{load.warehouse} reads whole files, of which it cannot skip rows", hint="load with on_error ABORT"
        )


def refuse_skipping_with_keys(experiment: str) -> NoReturn:
    """Refuse to skip rows where keys are enforced: they are broken by tables, after all rows are staged."""
    raise SkipNotPossible(
        f"keys of experiment {experiment!r} are enforced, so that no row can be skipped",
        hint="load with on_error ABORT, or with constraints: informational, which reports duplicates",
        metadata={"experiment": experiment},
    )


class Tolerant:
    """Stages batches of one load, from any thread."""

    def __init__(
        self,
        load: Load,
        store: RejectStore,
        files: RejectFiles,
        *,
        retrying: Retrying,
        interrupted: Callable[[], bool],
    ) -> None:
        self._load, self._store, self._files = load, store, files
        self._retrying, self._interrupted = retrying, interrupted
        self._counting = threading.Lock()

    def stage(self, staging: Staging, batch: Batch, rows: pa.Table) -> int:
        """Commit what the target takes of a batch; answer how many rows it refused."""
        try:
            self._retrying(partial(staging.stage, batch, rows))
        except DATA_FAULTS as fault:
            if isinstance(staging, SkipsRows):
                return self._skip(staging, batch, rows, fault)
            if self._load.tolerance.skips:
                raise SkipNotPossible(
                    f"{fault.message}; this warehouse cannot skip rows", hint="load with on_error ABORT"
                ) from fault
            raise
        return 0

    def _skip(self, staging: SkipsRows, batch: Batch, rows: pa.Table, fault: Fault) -> int:
        found = self._refused(staging, batch, rows)
        first = next(found, None)
        if first is None:
            raise fault
        if not self._load.tolerance.skips:
            raise self._named(first, batch, rows)
        if self._load.tolerance.on_error is OnError.SKIP_BATCH:
            found = (Refused(place, first.fault) for place in range(1, rows.num_rows))
            first = Refused(0, first.fault)
        refused = self._limited(first, found, batch, rows)
        numbered = list(zip(self._numbers(batch, refused), refused, strict=True))
        file = self._files.write(self._load, batch, rows, numbered)
        failpoint.reach("loader.after_rejects")
        with self._counting:  # others may have found some meanwhile
            self._refuse_too_many(refused, batch, rows)
            self._store.put(self._load.load_id, file)
        good = _without(rows, refused)
        self._retrying(partial(staging.stage, batch, good, len(refused)))
        return len(refused)

    def _refused(self, staging: SkipsRows, batch: Batch, rows: pa.Table) -> Iterator[Refused]:
        def refusal(first: int, count: int) -> Fault | None:
            if self._interrupted():
                raise AbortedByUser("the load was asked to stop")
            answer: Fault | None = self._retrying(lambda: staging.refusal(batch, rows.slice(first, count)))
            failpoint.reach("loader.mid_halving")
            return answer

        return refused_rows(rows.num_rows, refusal)

    def _limited(self, first: Refused, others: Iterator[Refused], batch: Batch, rows: pa.Table) -> list[Refused]:
        """Refused rows, unless they are more than the load may have."""
        most = self._load.tolerance.max_errors
        refused = [first, *islice(others, most)] if most else [first, *others]
        self._refuse_too_many(refused, batch, rows)
        return refused

    def _refuse_too_many(self, refused: Sequence[Refused], batch: Batch, rows: pa.Table) -> None:
        most = self._load.tolerance.max_errors
        before = self._store.others(self._load.load_id, batch.table, batch.index) if most else 0
        if most and before + len(refused) > most:
            refuse_too_many(batch, most, self._lines(refused, batch, rows))

    def _lines(self, refused: Sequence[Refused], batch: Batch, rows: pa.Table) -> list[str]:
        numbers = self._numbers(batch, refused)
        return [
            f"row {number}: {found.fault.message}: {shown_row(rows.slice(found.place, 1).to_pylist()[0])}"
            for number, found in zip(numbers[:3], refused, strict=False)
        ]

    def _named(self, found: Refused, batch: Batch, rows: pa.Table) -> Fault:
        [number] = self._numbers(batch, [found])
        return name_row(found.fault, batch, number, rows.slice(found.place, 1).to_pylist()[0])

    def _numbers(self, batch: Batch, refused: Sequence[Refused]) -> list[int]:
        """Numbers of rows in the run's table; a file of rejects has them."""
        if not self._load.replay_of:
            return [batch.first_row + found.place for found in refused]
        facts = facts_of(checked_rows(batch, self._interrupted))
        return [facts[found.place][2] for found in refused]


def _without(rows: pa.Table, refused: Sequence[Refused]) -> pa.Table:
    bad = {found.place for found in refused}
    return rows.filter(pa.array([place not in bad for place in range(rows.num_rows)], pa.bool_()))
