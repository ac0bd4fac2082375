"""What PostgreSQL says by its SQLSTATE, in words of ours; its own words are for the log alone."""

import logging

import adbc_driver_manager
import pyarrow as pa

from dwsim_wire.fault import Fault
from query_svc.core.faults import ExecutionFailed, NotTranslatable, StatementTimeout, WarehouseUnavailable, WriteRefused
from query_svc.warehouses.reader import Stop

log = logging.getLogger("dwsim.query.postgres")

DRIVER_ERRORS = (adbc_driver_manager.Error, pa.ArrowException, OSError)
NO_SCHEMA = "3F000"
_MOVED = (
    "a table or schema is not where it was when it was loaded",
    "send it again; if somebody renamed or dropped it, load the experiment again",
)
_FAILED = {
    "22012": ("division by zero", "divide by NULLIF(…, 0)"),
    "22003": ("a number is out of range", "CAST to a wider type, such as BIGINT, DECIMAL(38, 2) or DOUBLE PRECISION"),
    "22008": ("a date or timestamp is out of range", "change the values that the statement computes with"),
    "22007": ("a text cannot be read as a date or timestamp", "check the text's form, or the format"),
    "22P02": ("a text cannot be read as the type that it is cast to", "filter the texts that are none first"),
    "22001": ("a text is too long for its type", "cut it with LEFT, or cast to a longer VARCHAR"),
    "23514": ("a text is too long for its type", "cut it with LEFT, or declare a longer VARCHAR: it counts bytes"),
    "22023": ("a function was given a value that it does not take", "check the function's arguments"),
    "22011": ("SUBSTRING was given a negative length", "use GREATEST(…, 0)"),
    "2201B": ("a regular expression is not valid", "check its brackets"),
    "22025": ("a pattern ends with its escape character", "write the escape character twice"),
    "2201E": ("a logarithm was taken of zero or a negative number", "filter such numbers"),
    "2201F": ("a power or root has no real value", "filter such numbers"),
    "21000": ("a subquery used as a value gave more than one row", "aggregate it, or use IN"),
    "42P01": _MOVED,
    "42703": _MOVED,
    NO_SCHEMA: _MOVED,
    "23502": ("a column takes no NULL", "give it a value, or filter such rows"),
    "40001": ("the rows changed while they were read", "send it again"),
    "40P01": ("the statement waited for another that waited for it", "send it again"),
    "55P03": ("a table is in use by another statement", "CancelQuery ends it, ListQueries tells its id; or try again"),
    "54DWL": ("LISTAGG gives more than 65,535 bytes, the longest VARCHAR", "aggregate fewer rows, or shorter texts"),
    "22DWS": ("a value is no HyperLogLog sketch", "make sketches with HLL_CREATE_SKETCH"),
    "54DWT": (
        "a text has more than 65,535 bytes, the longest VARCHAR",
        "cut the texts that it is made of with LEFT",
    ),
    "54001": ("the statement nests deeper than the warehouse reads", "split it with WITH"),
}
_KINDS = {
    "22": ("a value cannot be computed", "change the values that the statement computes with"),
    "42": ("PostgreSQL does not take the statement", "TranslateQuery shows what it was given"),
    "53": ("the warehouse lacks memory or disk for the statement", "filter more, or select fewer columns"),
    "54": ("the statement or a value is larger than the warehouse takes", "split it, or select less"),
}
_AWAY = ("08", "28", "3D", "57")
_UNKNOWN_FUNCTION = "42883"
_CANCELLED = "57014"
_TOO_MANY = "53300"


def fault_of(error: Exception, stop: Stop) -> Fault:
    """Fault that an error of the driver stands for."""
    if stop.due() and stop.fault:
        return stop.fault
    state = sqlstate(error)
    log.warning("statement failed", extra={"facts": {"sqlstate": state, "error": _first_line(error)}})
    if state == _CANCELLED:
        return StatementTimeout("the warehouse ended the statement", hint="filter more")
    if not state or state[:2] in _AWAY or state == _TOO_MANY:
        return away()
    if state in ("25006", "42501"):
        return WriteRefused("the statement does more than read; only reading is allowed", hint="send a SELECT")
    if state == _UNKNOWN_FUNCTION:
        return NotTranslatable("a function or operator of the statement", hint="check the types of its arguments")
    words, hint = _FAILED.get(state) or _KINDS.get(
        state[:2], ("PostgreSQL could not run the statement", "TranslateQuery shows what it was given")
    )
    return ExecutionFailed(words, hint=hint, metadata={"sqlstate": state})


def sqlstate(error: Exception) -> str:
    """SQLSTATE of an error; empty where the server could not even say one."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return state if isinstance(state, str) and state.strip("\0") else ""


def away() -> WarehouseUnavailable:
    """Fault of a server that does not answer."""
    return WarehouseUnavailable(
        "Redshift's stand-in cannot be reached now, or refuses the login",
        hint="try again; `dw-sim warehouses` says whether it answers, and why not",
        metadata={"warehouse": "REDSHIFT"},
    )


def _first_line(error: Exception) -> str:
    """PostgreSQL's own first line, which quotes values but never the login."""
    found = [line for line in str(error).splitlines() if "ERROR:" in line or "FATAL:" in line]
    return found[0].partition("ERROR:")[2].strip()[:300] if found else type(error).__name__
