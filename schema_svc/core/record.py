"""Experiments as they are kept: revisions, summaries, the progress of a deletion."""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from schema_svc.core.model import Experiment
from schema_svc.core.vocabulary import Dialect, State, WarehouseKind


class DeletionStep(StrEnum):
    """What a deletion does next; each step may be taken again."""

    STOP_RUNS = "STOP_RUNS"
    DROP_TABLES = "DROP_TABLES"
    PURGE_RUNS = "PURGE_RUNS"
    FORGET = "FORGET"

    @property
    def doing(self) -> str:
        """What is under way in this step."""
        return _DOING[self]


_DOING = {
    DeletionStep.STOP_RUNS: "the generator stops its runs",
    DeletionStep.DROP_TABLES: "the loader drops its tables",
    DeletionStep.PURGE_RUNS: "the generator deletes its files",
    DeletionStep.FORGET: "its revisions are deleted",
}


@dataclass(frozen=True)
class Deleted:
    """What a deletion has removed so far."""

    runs: int = 0
    files: int = 0
    tables: int = 0


@dataclass(frozen=True)
class Deletion:
    """A deletion under way."""

    experiment_id: str
    name: str
    step: DeletionStep
    force: bool
    reason: str = ""
    deleted: Deleted = field(default_factory=Deleted)


@dataclass(frozen=True)
class Summary:
    """An experiment without its columns."""

    position: int
    id: str
    name: str
    description: str
    revision: int
    dialect: Dialect
    target_warehouse: WarehouseKind
    table_count: int
    column_count: int
    target_rows: int
    warnings: list[str]
    state: State
    deleting_reason: str
    create_time: str


def document_text(experiment: Experiment) -> str:
    """The stored form of a document."""
    return json.dumps(experiment.document(), ensure_ascii=False, separators=(",", ":"))


def etag_of(revision: int, document: str) -> str:
    """The revision's number and a hash of what it says."""
    return f"{revision}-{hashlib.sha256(document.encode()).hexdigest()[:16]}"
