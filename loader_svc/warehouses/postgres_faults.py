"""What PostgreSQL complains about, as faults; its own words stay in the log.

Told by SQLSTATE. A connection that was lost, a server that starts, a lock that is held: all worth another try.
"""

import re

import psycopg2

from dwsim_wire.fault import Fault
from loader_svc.core.faults import (
    ConstraintViolated,
    DiskFull,
    SchemaMismatch,
    ValueOutOfRange,
    WarehouseBusy,
    WarehouseUnavailable,
)

KIND = "REDSHIFT"
LOCKED = frozenset({"40001", "40P01", "55006", "55P03", "57014"})
LOST = frozenset({"53300", "57P01", "57P02", "57P03", "57P05"})
FULL = "53100"
NOT_LET_IN = re.compile(r"authentication|pg_hba|does not exist|no password|permission denied|not permitted to log in")
CONSTRAINTS = {"23502": "NOT NULL", "23503": "FOREIGN KEY", "23505": "UNIQUE", "23514": "CHECK"}
VALUES = {
    "22001": "a text is longer than its column",
    "22003": "a number is out of its column's range",
    "22008": "a date or time is out of range",
    "22007": "a text is not of its column's type",
    "22021": "a text has the character NUL or is no UTF-8, which cannot be stored",
    "22P02": "a text is not of its column's type",
    "22P05": "a JSON text has the character \\u0000, which cannot be stored",
    "54000": "a value is too long for an index",
}
OFFENDING_KEY = re.compile(r"Key \((.+?)\)=\((.*?)\)", re.DOTALL)
LONGEST_KEY = 100
COPIED_COLUMN = re.compile(r"^COPY .*, column (.+?)(: .*)?$", re.MULTILINE)


def fault_of(error: psycopg2.Error) -> Exception:
    """Name what went wrong."""
    state = error.pgcode or ""
    if state in LOST or state.startswith("08") or (not state and isinstance(error, psycopg2.OperationalError)):
        return WarehouseBusy("the connection to the warehouse was lost", hint="it is tried again", metadata=_META)
    if not state and isinstance(error, psycopg2.InterfaceError):  # a connection that was found closed
        return WarehouseBusy("the connection to the warehouse was lost", hint="it is tried again", metadata=_META)
    if state in LOCKED:
        return WarehouseBusy(
            "the warehouse's tables are locked by others", hint="end long queries and transactions", metadata=_META
        )
    return _lasting(error, state) or UnexpectedError(state, str(error))


_META = {"warehouse": KIND}


def _lasting(error: psycopg2.Error, state: str) -> Fault | None:
    """Name what another try does not heal."""
    if state == FULL:
        return DiskFull("no space is left for the warehouse", hint="free some space, then retry the load")
    if state in CONSTRAINTS:
        return _violated(error, CONSTRAINTS[state])
    if state in VALUES:
        return _out_of_range(error, VALUES[state])
    if state == "42830":
        return ConstraintViolated(
            "a FOREIGN KEY refers to columns that are no key", hint="use constraints: informational"
        )
    if state in {"42501", "25006"}:
        return WarehouseUnavailable(
            "the warehouse's user may not write there", hint="let it create schemas in the database", metadata=_META
        )
    if state == "2BP01":
        return SchemaMismatch(
            "a table cannot be replaced: something other than a view depends on it",
            hint="drop materialized views and functions that read it, then retry the load",
        )
    if state in {"54011", "54001"}:
        return SchemaMismatch("a table has more columns than the warehouse takes", hint="1,600 columns are the most")
    if state[:2] in {"53", "58", "XX"}:
        return WarehouseUnavailable("the warehouse failed", hint="look in its log", metadata=_META)
    return None


def connect_fault(error: psycopg2.Error) -> Fault:
    """Name why no connection came about: a server that is not there may be in a moment, a wrong password stays."""
    if NOT_LET_IN.search(str(error)):
        return WarehouseUnavailable(
            "the warehouse does not let us in", hint="check user, password and database of the URL", metadata=_META
        )
    return WarehouseBusy("the warehouse cannot be reached", hint="is it running, and is its URL right?", metadata=_META)


def _violated(error: psycopg2.Error, kind: str) -> ConstraintViolated:
    name = error.diag.column_name or error.diag.constraint_name or ""
    key = OFFENDING_KEY.search(error.diag.message_detail or "")
    shown = f": ({key[1]}) = ({key[2][:LONGEST_KEY]})" if key else ""
    return ConstraintViolated(
        f"rows break a {kind} constraint" + (f" of {name}" if error.diag.column_name else "") + shown,
        hint="constraints: informational loads duplicates and orphans as they are",
        metadata={"constraint": f"{kind} ({name})" if name else kind},
    )


def _out_of_range(error: psycopg2.Error, what: str) -> ValueOutOfRange:
    found = COPIED_COLUMN.search(error.diag.context or "")
    column = found[1] if found else ""
    return ValueOutOfRange(f"column {column!r}: {what}" if column else what, metadata={"column": column})


class UnexpectedError(Exception):
    """PostgreSQL refused a statement of ours: a defect, unless whoever sent it expected `state`."""

    def __init__(self, state: str, words: str) -> None:
        super().__init__(f"{state} {words}")
        self.state = state
