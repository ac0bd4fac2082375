"""What Snowflake complains about, as faults; its own words stay in the log.

Told by its error numbers. A connection that was lost, a session that was ended, a lock that is held: all worth another
try.
"""

from snowflake.connector import errors

from dwsim_wire.fault import Fault
from loader_svc.core.faults import (
    ConstraintViolated,
    DiskFull,
    SchemaMismatch,
    ValueOutOfRange,
    WarehouseBusy,
    WarehouseUnavailable,
)

KIND = "SNOWFLAKE"
LOCKED = frozenset({604, 625, 639, 90_111})
SESSION_ENDED = frozenset({290_401, 390_104, 390_111, 390_112, 390_114, 390_115})
NULLS = frozenset({100_072})
DENIED = frozenset({3001, 3003, 3007, 2140})
UNKNOWN = frozenset({2003, 2043})
"""Nothing has this name, or nothing that the role may see."""
_META = {"warehouse": KIND}


def is_lost(error: errors.Error) -> bool:
    """Whether the session is no more."""
    return error.errno in SESSION_ENDED or not isinstance(error, errors.ProgrammingError)


def lost() -> WarehouseBusy:
    """Say that no answer came."""
    return WarehouseBusy("the connection to the warehouse was lost", hint="it is tried again", metadata=_META)


def fault_of(error: errors.Error) -> Exception:
    """Name what went wrong."""
    number, state, words = error.errno or 0, error.sqlstate or "", str(error.msg)
    if is_lost(error):
        return lost()
    if number in LOCKED:
        return WarehouseBusy(
            "the warehouse's tables are locked by others", hint="end long queries and transactions", metadata=_META
        )
    if number in NULLS or "NOT NULL constraint failed" in words:
        return ConstraintViolated(
            "rows break a NOT NULL constraint",
            hint="constraints: informational loads them as they are",
            metadata={"constraint": "NOT NULL"},
        )
    if state.startswith("22") or number // 1000 == 100:
        return ValueOutOfRange("a value is not of its column's type, or out of its range")
    return _lasting(number, state, words)


def _lasting(number: int, state: str, words: str) -> Exception:
    if number in DENIED or state == "42501":
        return WarehouseUnavailable(
            "the warehouse's role may not do this",
            hint="let it create schemas, tables and stages in the database, and use a virtual warehouse",
            metadata=_META,
        )
    if number == 606 or "active warehouse" in words:
        return WarehouseUnavailable(
            "no virtual warehouse is chosen", hint="add ?warehouse=NAME to the URL", metadata=_META
        )
    if "No space left" in words:
        return DiskFull("no space is left for the warehouse", hint="free some space, then retry the load")
    if number == 2002 or "already exists" in words:
        return SchemaMismatch(
            "a table of that name is there that no load made", hint="drop or rename it, then retry the load"
        )
    return UnexpectedError(number, state, words)


def connect_fault(error: errors.Error) -> Fault:
    """Name why no session came about: a server that is not there may be in a moment, a wrong password stays."""
    if type(error) in {errors.DatabaseError, errors.ForbiddenError, errors.ProgrammingError}:
        return WarehouseUnavailable(
            "the warehouse does not let us in",
            hint="check account, user and key or password of the URL",
            metadata=_META,
        )
    return WarehouseBusy("the warehouse cannot be reached", hint="is it running, and is its URL right?", metadata=_META)


class UnexpectedError(Exception):
    """Snowflake refused a statement of ours: a defect, unless whoever sent it expected `number`."""

    def __init__(self, number: int, state: str, words: str) -> None:
        super().__init__(f"{number} {state} {words}")
        self.number = number
