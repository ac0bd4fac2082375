"""Events: durable facts of the generator's log, in the order that they happened."""

from dataclasses import dataclass
from typing import TypeAlias

from generator_svc.core.run import Failure, Run, RunState


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run was accepted; `document` pins the experiment whole."""

    run: Run
    document: str


@dataclass(frozen=True, slots=True)
class BatchFinished:
    """A batch is staged, its file and directory synced."""

    table: str
    batch_index: int
    first_row: int
    rows: int
    uri: str
    bytes: int
    checksum: str


@dataclass(frozen=True, slots=True)
class TableFinished:
    """All batches of a table are staged."""

    table: str
    rows: int
    batches: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run ended, well or badly."""

    state: RunState
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class RunDeleted:
    """A run's files are gone."""

    files: int


Fact: TypeAlias = RunStarted | BatchFinished | TableFinished | RunEnded | RunDeleted


@dataclass(frozen=True, slots=True)
class Event:
    """One fact in its place; `time` is UTC microseconds since 1970."""

    sequence: int
    time: int
    run_id: int
    experiment: str
    experiment_id: str
    fact: Fact
