"""What a warehouse promises to a load: batches staged exactly once, one apply or nothing.

A writer claims a load and gets a `Staging`. The claim raises the load's epoch in the target, and every commit checks
it: whoever claimed before can never write again (LeaseLost; LoadSwept where a sweep ended the load). Errors are faults
of `core.faults`; WarehouseBusy is the one worth another try. Calls block; one thread at a time uses a staging, but for
`stage`, which as many threads call at once as it has hands.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, runtime_checkable

import pyarrow as pa

from dwsim_wire.fault import Fault
from loader_svc.core.duplicates import Key, KeyDuplicates
from loader_svc.core.loads import Applied, Batch, LoadOrder, WarehouseStatus

FOREIGN_SECONDS = 86_400
"""A load of another loader is dead when nobody claimed it or wrote for it for so long."""
Stop = Callable[[], bool]


class Staging(Protocol):
    """A claimed load's private place in the target."""

    applied: Applied | None
    """Set where the load turned out to be applied already: the target is the truth."""
    hands: int
    """Batches that may be staged at once."""

    def staged(self) -> set[tuple[str, int]]:
        """Table and index of every batch whose rows are staged."""

    def stage(self, batch: Batch, rows: pa.Table) -> None:
        """Commit the rows of a batch with its ledger row; a batch that is staged already stays as it is."""

    def prepare(self, stop: Stop) -> None:
        """Do all that can be done before `apply`, such as indexes; it may be called again after an interruption."""

    def apply(self, stop: Stop) -> Applied:
        """Bring all tables of the load into the target in one transaction; raise AbortedByUser if `stop` says so."""

    def discard(self) -> None:
        """Drop the staged rows; the target stays as it is."""

    def close(self) -> None:
        """Leave the target; what is staged stays for the next claim."""


@runtime_checkable
class FileStaging(Staging, Protocol):
    """A claimed load of a warehouse that reads the staged files itself, many at once: `stage` is not called."""

    files_least: int
    """It is worth the statements to stage so many files, or those that are left."""
    files_most: int
    """So many are handed over at once where they are there."""

    def stage_files(self, batches: Sequence[Batch], stop: Stop) -> None:
        """Commit the rows of some batches of one table with their ledger rows; what is staged already stays."""


@runtime_checkable
class SkipsRows(Staging, Protocol):
    """A staging that can leave refused rows out of a batch."""

    def refusal(self, batch: Batch, rows: pa.Table) -> Fault | None:
        """Why the target refuses these rows of a batch, None if it takes them; they are tried, and not kept."""

    def stage(self, batch: Batch, rows: pa.Table, rejected: int = 0) -> None:
        """As `Staging.stage`, without so many rows of the batch; the ledger counts them."""


@runtime_checkable
class FindsDuplicates(Staging, Protocol):
    """A staging that can count repeated keys."""

    def duplicates(self, distinct: Collection[Key], stop: Stop) -> dict[str, tuple[KeyDuplicates, ...]]:
        """Repeated keys among the staged rows of each table, whether they are enforced or not.

        Keys that are `distinct` need no look.
        """


@runtime_checkable
class Interrupts(Protocol):
    """A writer that can cancel what the warehouse does."""

    def interrupt(self, uid: str) -> None:
        """Cancel the statements of a load, from any thread: whoever waits for them gets WarehouseBusy."""


@runtime_checkable
class ReadsFiles(Protocol):
    """A writer whose warehouse may read whole files itself."""

    def reads_files(self) -> bool:
        """Whether it does: they need not be divided then."""


class Writer(Protocol):
    """A configured warehouse."""

    kind: str
    """A name of dwsim.common.v1.Warehouse.Kind."""

    def namespace(self, experiment: str, experiment_id: str) -> str:
        """Place of an experiment's tables."""

    def status(self) -> WarehouseStatus:
        """Ask the warehouse how it is."""

    def claim(self, order: LoadOrder) -> Staging:
        """Take the load over from whoever had it, with what is staged of it."""

    def namespaces(self) -> list[str]:
        """Places that exist in the warehouse."""

    def sweep(self, namespace: str, loader_id: str, active: Collection[str]) -> int:
        """Drop what this loader staged for loads whose uid is not in `active`; answer how many loads that were.

        Loads of other loaders may be under way: they are dropped only where nobody touched them for `FOREIGN_SECONDS`.
        """

    def drop(self, namespace: str) -> int:
        """Drop a place with all its tables, if it exists; answer how many tables that were."""
