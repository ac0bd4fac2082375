"""Loads: their states, counts and what they are made of. Pure values; the store keeps them."""

from dataclasses import dataclass, field
from enum import StrEnum

from dwsim_wire.fault import Fault, NotYetAvailable
from loader_svc.core.document import Experiment, Table
from loader_svc.core.duplicates import KeyDuplicates
from loader_svc.core.tolerance import STRICT, SchemaDrift, Tolerance


class LoadState(StrEnum):
    """State of a load, by the names of dwsim.loader.v1.Load.State."""

    PENDING = "PENDING"
    STAGING = "STAGING"
    APPLYING = "APPLYING"
    ABORTING = "ABORTING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


ENDED = frozenset({LoadState.COMPLETED, LoadState.FAILED, LoadState.ABORTED})
ACTIVE = frozenset(LoadState) - ENDED


CHANGE_SET = "CHANGE_SET"
"""Kind of runs whose files tell of changes."""


class Mode(StrEnum):
    """How rows meet the rows that are there; further modes come with load plans."""

    APPEND = "APPEND"
    OVERWRITE = "OVERWRITE"


def refuse_changes(run: "Run") -> None:
    """Refuse a change set: its files tell of changes or of history, and are not the rows of its tables."""
    if run.kind == CHANGE_SET:
        raise NotYetAvailable(
            f"run {run.run_id} is a change set, which is staged and not loaded",
            hint="load the full run that it began with, or read its files from staging",
            metadata={"run_id": str(run.run_id)},
        )


LOADABLE_FORMAT = "PARQUET"
"""Format of the files that the loader reads."""


def default_mode(run_kind: str) -> Mode:
    """Mode of a load that names none: an append run appends, any other replaces."""
    return Mode.APPEND if run_kind == "APPEND" else Mode.OVERWRITE


@dataclass(frozen=True, slots=True)
class Failure:
    """Why long work ended badly."""

    reason: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, fault: Fault) -> "Failure":
        """Keep what a fault says."""
        return cls(fault.reason, fault.message, fault.hint)


STOPPED = frozenset({"ABORTED_BY_USER", "RUN_NOT_COMPLETED", "EXPERIMENT_DELETED"})


def ended_state(failure: Failure) -> LoadState:
    """ABORTED where somebody stopped the load, FAILED where something broke."""
    return LoadState.ABORTED if failure.reason in STOPPED else LoadState.FAILED


@dataclass(frozen=True, slots=True)
class Batch:
    """One staged file of a run, or a piece of one that others wrote."""

    table: str
    index: int
    first_row: int
    rows: int
    uri: str
    bytes: int
    checksum: str
    conform_to: Table | None = None
    """Table whose types the rows of a file get that others wrote."""
    first_group: int = 0
    groups: int = 0
    """Row groups of the file that the batch has; 0 for the whole file."""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Staged:
    """How a batch was staged: how long it took, at which attempt, and how many of its rows were refused."""

    seconds: float = 0.0
    attempts: int = 1
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class LoadBatch:
    """A batch of a load and what became of it; `position` is that of its table in the load."""

    position: int
    batch: Batch
    staged: bool
    stage_time: int
    stage_seconds: float
    attempts: int


@dataclass(frozen=True, slots=True)
class TableCounts:
    """One table of a load and what became of its rows."""

    name: str
    target: str
    rows: int
    batches: int
    rows_staged: int = 0
    batches_staged: int = 0
    bytes_staged: int = 0
    inserted: int = 0
    deleted: int = 0
    rejected: int = 0
    duplicates: tuple[KeyDuplicates, ...] = ()
    first_time: int = 0
    last_time: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """A load as it stands; times are microseconds since 1970, 0 where it has not happened.

    `uid` names the load in the target: load ids begin anew where the loader's database does. `replay_of` is the load
    whose rejects are tried again, 0 for none.
    """

    load_id: int
    uid: str
    run_id: int
    experiment: str
    experiment_id: str
    warehouse: str
    namespace: str
    state: LoadState
    mode: Mode
    automatic: bool
    tables: tuple[TableCounts, ...]
    failure: Failure | None = None
    retries: int = 0
    create_time: int = 0
    start_time: int = 0
    end_time: int = 0
    ingest: str = ""
    tolerance: Tolerance = STRICT
    replay_of: int = 0
    prepare_time: int = 0
    apply_time: int = 0

    @property
    def ended(self) -> bool:
        """The state is terminal."""
        return self.state in ENDED

    def rows_per_second(self, now: int) -> float:
        """Staged rows by second, from the first batch to the end or `now`."""
        microseconds = (self.end_time or now) - self.start_time
        rows = sum(table.rows_staged for table in self.tables)
        return rows * 1e6 / microseconds if self.start_time and microseconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class OrderTable:
    """A table of an order, the name that it gets in the target, the rows that it brings, and the runs they continue."""

    table: Table
    target: str
    rows: int
    base_runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What a warehouse is told about a load before its first batch.

    `loader_id` says whose load ids these are, `run` names the run in the target, `dialect` is that of the types. With
    `replays` the rows are rejects of that run.
    """

    load_id: int
    uid: str
    loader_id: str
    run_id: int
    experiment: str
    experiment_id: str
    namespace: str
    mode: Mode
    tables: tuple[OrderTable, ...]
    enforced: bool = False
    run: str = ""
    dialect: str = ""
    drift: SchemaDrift = SchemaDrift.FAIL
    replays: bool = False


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A table of the target, as its catalog has it; `runs` are those that its rows come from, in order."""

    target: str
    rows: int
    load_id: int
    table: Table
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What an applied load did, the schema or file of its tables, and the whole catalog of that place after it."""

    place: str
    inserted: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    catalog: tuple[LoadedTable, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """Where an experiment's loaded tables are."""

    experiment: str
    experiment_id: str
    warehouse: str
    namespace: str
    dialect: str
    generation: int
    tables: tuple[LoadedTable, ...]


@dataclass(frozen=True, slots=True)
class WarehouseStatus:
    """A configured warehouse, as it answered just now."""

    kind: str
    version: str
    reachable: bool
    problem: str
    stand_in: bool
    can_enforce: bool


@dataclass(frozen=True, slots=True)
class Route:
    """Where a load goes; with `failure` it goes nowhere."""

    warehouse: str
    namespace: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run that the loader heard of; `key` names it for ever, `run_id` begins anew with the generator's log."""

    key: int
    run_id: int
    experiment: str
    experiment_id: str
    kind: str
    state: str
    failure: Failure | None
    deleted: bool
    document: Experiment
    tables: tuple[TableCounts, ...]
    format: str = LOADABLE_FORMAT


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """A run that is loaded whole, and the log that told of it."""

    key: int
    run_id: int
    experiment_id: str
    log_id: str
