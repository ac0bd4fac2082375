"""Experiments as they are kept: revisions, summaries, the progress of a deletion."""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from schema_svc.core.compare import Changes, summarise
from schema_svc.core.faults import EtagMismatch, ExperimentDeleting
from schema_svc.core.model import Experiment
from schema_svc.core.vocabulary import Dialect, State, WarehouseKind

_DEFAULTS_OF_A_COLUMN = 175
"""Bytes of the fields that a plain column leaves at their defaults; measured."""


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
class Content:
    """What a revision says, ready to be kept."""

    name: str
    description: str
    dialect: Dialect
    target_warehouse: WarehouseKind
    table_count: int
    column_count: int
    target_rows: int
    warnings: list[str]
    document: str
    """The document as JSON with sorted keys: documents that say the same are the same text."""
    message: bytes
    """The same in the form of the contract, so that reading it costs nothing."""
    changes: Changes
    etag: str = ""
    """Etag that the document named; that of the revision depends on its number."""

    @property
    def json_bytes(self) -> int:
        """About the size of the document as REST answers it, with the fields that are at their defaults."""
        return len(self.document.encode()) + _DEFAULTS_OF_A_COLUMN * self.column_count


@dataclass(frozen=True)
class Stored:
    """A revision as it is kept."""

    id: str
    name: str
    revision: int
    etag: str
    state: State
    deleting_reason: str
    create_time: str
    update_time: str
    document: str
    message: bytes | None
    """None where it was not made yet."""

    def refuse_change(self, etag: str) -> None:
        """Raise where the experiment is being deleted, or where `etag` is neither its newest one nor empty."""
        if self.state is not State.ACTIVE:
            raise ExperimentDeleting(f"experiment {self.name!r} is being deleted", metadata={"experiment": self.name})
        refuse_stale(self.name, self.revision, self.etag, etag)


@dataclass(frozen=True)
class Summary:
    """An experiment without its columns."""

    position: int
    id: str
    name: str
    description: str
    revision: int
    etag: str
    dialect: Dialect
    target_warehouse: WarehouseKind
    table_count: int
    column_count: int
    target_rows: int
    warnings: list[str]
    """The first ones."""
    warning_count: int
    state: State
    deleting_reason: str
    create_time: str
    update_time: str


@dataclass(frozen=True)
class RevisionSummary:
    """A revision without its tables."""

    revision: int
    etag: str
    create_time: str
    table_count: int
    column_count: int
    target_rows: int
    summary: str
    change_count: int


def content_of(experiment: Experiment, message: bytes, before: str = "") -> Content:
    """Make a checked document ready to be kept; `before` is the document of the revision that it follows."""
    etag, experiment.etag = experiment.etag, ""
    data = experiment.document()
    return Content(
        name=experiment.name,
        description=experiment.description,
        dialect=experiment.dialect,
        target_warehouse=experiment.target_warehouse,
        table_count=len(experiment.tables),
        column_count=sum(len(table.columns) for table in experiment.tables),
        target_rows=sum(table.target_rows or 0 for table in experiment.tables),
        warnings=experiment.warnings(),
        document=json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
        message=message,
        changes=summarise(json.loads(before) if before else None, data),
        etag=etag,
    )


def refuse_stale(name: str, revision: int, newest: str, etag: str) -> None:
    """Raise EtagMismatch unless `etag` is the newest one or empty."""
    if etag and etag != newest:
        raise EtagMismatch(
            f"experiment {name!r} is at revision {revision} meanwhile",
            hint="read it again and apply the change to the newest revision",
            metadata={"experiment": name, "etag": newest},
        )


def etag_of(revision: int, document: str) -> str:
    """The revision's number and a hash of what it says."""
    return f"{revision}-{hashlib.sha256(document.encode()).hexdigest()[:16]}"
