"""What a load tolerates: rows that the target refuses, and columns that differ from the target's."""

from dataclasses import dataclass
from enum import StrEnum


class OnError(StrEnum):
    """What happens to rows that the target refuses, by the names of dwsim.loader.v1.Load.OnError."""

    ABORT = "ABORT"
    SKIP_ROW = "SKIP_ROW"
    SKIP_BATCH = "SKIP_BATCH"


class SchemaDrift(StrEnum):
    """What happens where an append brings other columns, by the names of dwsim.loader.v1.Load.SchemaDrift."""

    FAIL = "FAIL"
    ADD_COLUMNS = "ADD_COLUMNS"
    IGNORE_EXTRA = "IGNORE_EXTRA"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A load's tolerance; `max_errors` is the most rejects, 0 for no limit."""

    on_error: OnError = OnError.ABORT
    max_errors: int = 0
    drift: SchemaDrift = SchemaDrift.FAIL

    @property
    def skips(self) -> bool:
        """Whether refused rows become rejects."""
        return self.on_error is not OnError.ABORT


STRICT = Tolerance()
"""Of a load that was not told otherwise."""
