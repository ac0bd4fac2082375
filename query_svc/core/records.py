"""A query as its history keeps it."""

from dataclasses import dataclass
from enum import Enum

from dwsim_wire.fault import Fault


class State(Enum):
    """State of a query."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Failure:
    """Why a query ended badly."""

    reason: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class QueryRecord:
    """One statement: who sent it, what became of it. `started` is in seconds since 1970."""

    query_id: str
    experiment: str
    sql: str
    client: str
    started: float
    dialect: str = ""
    warehouse: str = ""
    verdict: str = ""
    state: State = State.RUNNING
    rows: int = 0
    bytes: int = 0
    total_ms: float = 0.0
    failure: Failure | None = None


def failure_of(fault: Fault) -> Failure:
    """Failure that stays with the query."""
    return Failure(fault.reason, fault.message, fault.hint)
