"""What Snowflake says by its error numbers, in words of ours; its own words are for the log alone."""

import logging
import re

from snowflake.connector import errors

from dwsim_wire.fault import Fault
from query_svc.core.faults import (
    ExecutionFailed,
    InvalidSql,
    NotTranslatable,
    StatementTimeout,
    UnknownColumn,
    UnknownTable,
    WarehouseUnavailable,
    WriteRefused,
)
from query_svc.warehouses.reader import Stop

log = logging.getLogger("dwsim.query.snowflake")

KIND = "SNOWFLAKE"
DRIVER_ERRORS = (errors.Error, OSError, KeyError)
"""The connector looks into an answer that did not come: KeyError."""
SESSION_ENDED = frozenset({290_401, 390_104, 390_111, 390_112, 390_114, 390_115})
_META = {"warehouse": KIND}
_FAILED = {
    100_051: ("division by zero", "divide by NULLIF(…, 0)"),
    100_038: ("a text cannot be read as the type that it is cast to", "TRY_CAST answers NULL instead"),
    100_035: ("a text cannot be read as the type that it is cast to", "check the text's form, or the format"),
    100_046: ("a number is out of range", "CAST to a wider type"),
    100_078: ("a text is too long for its type", "cut it with LEFT, or cast to a longer VARCHAR"),
    100_090: ("a subquery used as a value gave more than one row", "aggregate it, or use IN"),
}
_WORDS = {
    "ivision by zero": _FAILED[100_051],
    "out of range": _FAILED[100_046],
    "verflow": _FAILED[100_046],
    "Could not convert string": _FAILED[100_038],
    "More than one row returned": _FAILED[100_090],
    "logarithm": ("a logarithm was taken of zero or a negative number", "filter such numbers"),
    "square root": ("a root was taken of a negative number", "filter such numbers"),
    "ut of Memory": ("the warehouse lacks memory or disk for the statement", "filter more, or select fewer columns"),
}
"""What the emulator says without a number of its own."""
_NO_COLUMN = frozenset({904, 2043})
_NO_TABLE = frozenset({2003, 2043})
_CANCELLED = frozenset({604, 630})
_DENIED = frozenset({3001, 3003, 3007, 2140})
_NAMED = re.compile(
    r"identifier '([^']+)'|Referenced column \"([^\"]+)\"|Object '([^']+)'|name ([\w.$]+) does not exist"
)


def fault_of(error: Exception, stop: Stop) -> Fault:
    """Fault that an error of the connector stands for."""
    if stop.due() and stop.fault:
        return stop.fault
    if is_lost(error) or not isinstance(error, errors.Error):
        return away()
    number, words = error.errno or 0, str(error.msg)
    log.warning("statement failed", extra={"facts": {"number": number, "error": words.split("\n")[0][:300]}})
    if number in _CANCELLED:
        return StatementTimeout("the warehouse ended the statement", hint="filter more")
    if number in _DENIED or error.sqlstate == "42501":
        return WriteRefused(
            "the warehouse's role may not do what the statement does", hint="grant it the right to read"
        )
    if number == 606 or "active warehouse" in words:
        return WarehouseUnavailable(
            "no virtual warehouse is chosen", hint="add ?warehouse=NAME to the URL", metadata=_META
        )
    return _of_statement(number, words)


def _of_statement(number: int, words: str) -> Fault:
    found = _NAMED.search(words)
    name = next((part for part in found.groups() if part), "") if found else ""
    if "Function with name" in words or number == 2140:
        return NotTranslatable(f"{name.upper()}()", "the warehouse lacks it", hint="check its name")
    if number in _NO_COLUMN and found and "bject" not in words:
        return UnknownColumn(f"there is no column {name!r}", hint="check its name", metadata={"column": name})
    if number in _NO_TABLE and found:
        return UnknownTable(
            f"the table {name!r} is not where it was when it was loaded",
            hint="send it again; if somebody dropped it, load the experiment again",
            metadata={"table": name},
        )
    if number in (1003, 1044, 1007):
        return InvalidSql("Snowflake does not take the statement", hint="TranslateQuery shows what it was given")
    text, hint = _FAILED.get(number) or next(
        (told for part, told in _WORDS.items() if part in words),
        ("Snowflake could not run the statement", "TranslateQuery shows what it was given"),
    )
    return ExecutionFailed(text, hint=hint, metadata={"number": str(number)})


def is_lost(error: Exception) -> bool:
    """Whether the session is no more."""
    if not isinstance(error, errors.Error):
        return True
    return error.errno in SESSION_ENDED or not isinstance(error, errors.ProgrammingError | errors.NotSupportedError)


def away() -> WarehouseUnavailable:
    """Fault of a server that does not answer."""
    return WarehouseUnavailable(
        "Snowflake cannot be reached now, or refuses the login",
        hint="try again; `dw-sim warehouses` says whether it answers, and why not",
        metadata=_META,
    )
