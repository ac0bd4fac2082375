"""Events of the generator's log, as the loader reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from loader_svc.core.loads import Batch, Failure
from loader_svc.core.tolerance import STRICT, Tolerance


@dataclass(frozen=True, slots=True)
class RunTable:
    """One table of a run."""

    name: str
    first_row: int
    rows: int
    batches: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run was accepted; `document` is the proto JSON of its pinned experiment.

    `fingerprint` tells a run from another one that has the same id in another log; `base_run_id` is 0 for a full run.
    """

    kind: str
    auto_load: bool
    fingerprint: str
    tables: tuple[RunTable, ...]
    document: Mapping[str, Any]
    base_run_id: int = 0
    format: str = "PARQUET"
    delete_after_load: bool = False
    tolerance: Tolerance = STRICT


@dataclass(frozen=True, slots=True)
class BatchFinished:
    """A batch is staged, its file synced."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class TableFinished:
    """All batches of a table are staged."""

    table: str
    rows: int
    batches: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run ended as COMPLETED, FAILED or ABORTED."""

    state: str
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class RunDeleted:
    """A run's files are gone."""


Happening: TypeAlias = RunStarted | BatchFinished | TableFinished | RunEnded | RunDeleted


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of the log, with its place; `what` is None for a kind that a newer generator knows."""

    log_id: str
    sequence: int
    run_id: int
    experiment: str
    experiment_id: str
    what: Happening | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event that was handled; sequence 0 with an empty log id is the beginning of any log."""

    log_id: str = ""
    sequence: int = 0
