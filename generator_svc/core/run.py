"""Runs: what was asked for, pinned, and how far it has come. Frozen values; times are UTC microseconds since 1970."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

from generator_svc.core.spec import Segment
from generator_svc.core.versions import ChangeSet

DAY_MICROSECONDS = 86_400 * 1_000_000


class RunState(StrEnum):
    """State of a run, named as `dwsim.generator.v1.Run.State` names it."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    ABORTING = "ABORTING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"

    @property
    def active(self) -> bool:
        """Whether the run still has work before it."""
        return self in ACTIVE_STATES


ACTIVE_STATES = frozenset({RunState.PENDING, RunState.RUNNING, RunState.ABORTING})


class RunKind(StrEnum):
    """What a run makes, named as `dwsim.generator.v1.Run.Kind` names it."""

    FULL = "FULL"
    APPEND = "APPEND"
    CHANGE_SET = "CHANGE_SET"


class FileFormat(StrEnum):
    """How a run's files are written, named as `dwsim.generator.v1.Run.Format` names it."""

    PARQUET = "PARQUET"
    CSV = "CSV"
    JSON_LINES = "JSON_LINES"
    ARROW_IPC = "ARROW_IPC"


class Retention(StrEnum):
    """How long a run's files are kept, named as `dwsim.generator.v1.Run.Retention` names it."""

    KEEP = "KEEP"
    DELETE_AFTER_LOAD = "DELETE_AFTER_LOAD"
    EXPIRE_DAYS = "EXPIRE_DAYS"


LOADABLE = frozenset({FileFormat.PARQUET})
"""Formats that the loader reads."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run ended badly; redacted."""

    reason: str
    message: str
    hint: str = ""


class Operation(StrEnum):
    """What a batch of a change set tells of its rows."""

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"
    HISTORY = "H"
    STATE = "S"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows that a change set goes over for one operation, `span` rows a batch."""

    operation: Operation
    first_row: int
    rows: int
    span: int

    @property
    def batches(self) -> int:
        """Batches of the stretch."""
        return -(-self.rows // self.span)

    def cut(self) -> Iterator[tuple[int, int, Operation]]:
        """First row, rows and operation of each batch."""
        end = self.first_row + self.rows
        for first_row in range(self.first_row, end, self.span):
            yield first_row, min(self.span, end - first_row), self.operation


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of a run: `rows` rows of `table` from `first_row`; of a change set, what one operation did to them."""

    table: str
    index: int
    first_row: int
    rows: int
    operation: Operation | None = None


@dataclass(frozen=True, slots=True)
class RunTable:
    """One table of a run. `segments` are all of the table, the run's own last; `content_hash` is "" until finished.

    A change set goes over `stretches` of rows; its `rows` are an estimate until the table is finished.
    """

    name: str
    first_row: int
    rows: int
    batch_rows: int
    segments: tuple[Segment, ...] = ()
    rows_done: int = 0
    batches_done: int = 0
    bytes_done: int = 0
    content_hash: str = ""
    stretches: tuple[Stretch, ...] = ()

    @property
    def batches(self) -> int:
        """Batches that the run makes of this table."""
        if self.stretches:
            return sum(stretch.batches for stretch in self.stretches)
        return -(-self.rows // self.batch_rows)

    def cut(self) -> Iterator[Batch]:
        """Batches in order; the boundaries depend on the pinned `batch_rows` or stretches alone."""
        if self.stretches:
            pieces = (piece for stretch in self.stretches for piece in stretch.cut())
            yield from (Batch(self.name, index, *piece) for index, piece in enumerate(pieces))
            return
        for index in range(self.batches):
            begin = index * self.batch_rows
            yield Batch(self.name, index, self.first_row + begin, min(self.batch_rows, self.rows - begin))


@dataclass(frozen=True, slots=True)
class PinnedExperiment:
    """One revision of an experiment; `document` is its proto JSON."""

    experiment_id: str
    name: str
    revision: int
    document: str
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the load of a run tolerates, by the names of dwsim.common.v1.LoadOptions: the loader's matter, only kept."""

    on_error: str = "ABORT"
    max_errors: int = 0
    schema_drift: str = "FAIL"


@dataclass(frozen=True, slots=True)
class RunOrder:
    """Everything that a run makes is decided by this; made once, when the run is accepted."""

    kind: RunKind
    seed: int
    as_of: str
    engine_version: str
    batch_rows: int
    segments: Mapping[str, tuple[Segment, ...]]
    tables: tuple[RunTable, ...]
    auto_load: bool = True
    base_run_id: int = 0
    changes: ChangeSet | None = None
    format: FileFormat = FileFormat.PARQUET
    retention: Retention = Retention.KEEP
    load_options: LoadOptions = field(default_factory=LoadOptions)
    expire_days: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One generation of an experiment's tables. `segments` are of all tables, `tables` those that the run writes."""

    run_id: int
    experiment: str
    experiment_id: str
    experiment_revision: int
    state: RunState
    order: RunOrder
    staging_uri: str
    failure: Failure | None
    create_time: int
    end_time: int | None

    @property
    def in_staging(self) -> bool:
        """Whether the files are in a staging area, which is ours, and not in an output directory of a client's."""
        return unquote(self.staging_uri).endswith(f"/generated/{self.experiment}/{self.run_id}")

    @property
    def tables(self) -> tuple[RunTable, ...]:
        """Tables that the run writes, in the order they are made."""
        return self.order.tables

    @property
    def version(self) -> int:
        """Version of the tables that the run leads to; 0 unless it is a change set."""
        return self.order.changes.version if self.order.changes else 0


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One durable file of a batch; `checksum` is xxh3-128 in hexadecimal."""

    run_id: int
    table: str
    batch_index: int
    first_row: int
    rows: int
    uri: str
    bytes: int
    checksum: str
    experiment: str = ""
    create_time: int = 0
