"""What goes wrong with a query, named by the fact.

Fault
├── SqlFault              has a place in the user's text
│   ├── InvalidSql        cannot be parsed
│   ├── EmptyStatement    no statement
│   ├── SeveralStatements more than one
│   ├── WriteRefused      writes
│   ├── NotTranslatable   no faithful form on the warehouse
│   ├── UnknownTable, UnknownColumn, AmbiguousName
│   ├── TableExists       the name is taken in the scratch
│   └── TooComplex        nests too deep or is too large
├── UnknownExperiment, UnknownDialect, UnknownScratch
├── UnknownQuery, QueryEnded
└── ExecutionFault        while it ran
    ├── ExecutionFailed, StatementTimeout, ResultTooLarge, CancelledByUser
    ├── FileNotFound, FileExists, InvalidFile    of UNLOAD and COPY
    └── WarehouseUnavailable, TooManyQueries
"""

from difflib import get_close_matches

from dwsim_wire.fault import Fault


class SqlFault(Fault):
    """Something is wrong with the statement."""


class InvalidSql(SqlFault):
    """The statement cannot be parsed."""

    reason = "INVALID_SQL"


class EmptyStatement(SqlFault):
    """The text has no statement."""

    reason = "EMPTY_STATEMENT"


class SeveralStatements(SqlFault):
    """The text has several statements."""

    reason = "SEVERAL_STATEMENTS"


class WriteRefused(SqlFault):
    """The statement writes."""

    reason = "WRITE_REFUSED"


class NotTranslatable(SqlFault):
    """The statement has no faithful form on the warehouse."""

    reason = "NOT_TRANSLATABLE"

    def __init__(self, construct: str, why: str = "", *, hint: str = "") -> None:
        text = f"{construct} has no faithful form on the warehouse" + (f": {why}" if why else "")
        super().__init__(text, hint=hint, metadata={"construct": construct})


class UnknownTable(SqlFault):
    """The statement names a table that is not there."""

    reason = "UNKNOWN_TABLE"


class UnknownColumn(SqlFault):
    """The statement names a column that is not there."""

    reason = "UNKNOWN_COLUMN"


class AmbiguousName(SqlFault):
    """The name fits several tables or columns."""

    reason = "AMBIGUOUS_NAME"


class TableExists(SqlFault):
    """The scratch has a table or view of this name."""

    reason = "TABLE_EXISTS"


class TooComplex(SqlFault):
    """The statement nests deeper, or is larger, than the server parses."""

    reason = "TOO_COMPLEX"


class UnknownExperiment(Fault):
    """Nothing of this experiment was loaded."""

    reason = "UNKNOWN_EXPERIMENT"


class UnknownScratch(Fault):
    """The client has no scratch of this name."""

    reason = "UNKNOWN_SCRATCH"


class UnknownDialect(Fault):
    """The dialect is not known."""

    reason = "UNKNOWN_DIALECT"


class UnknownQuery(Fault):
    """No query has this id."""

    reason = "UNKNOWN_QUERY"


class QueryEnded(Fault):
    """The query has ended."""

    reason = "QUERY_ENDED"


class ExecutionFault(Fault):
    """The statement failed while it ran."""


class ExecutionFailed(ExecutionFault):
    """The warehouse failed while it ran the statement, such as a division by zero."""

    reason = "EXECUTION_FAILED"


class StatementTimeout(ExecutionFault):
    """The statement ran longer than its timeout."""

    reason = "STATEMENT_TIMEOUT"


class ResultTooLarge(ExecutionFault):
    """The result is larger than asked for."""

    reason = "RESULT_TOO_LARGE"


class CancelledByUser(ExecutionFault):
    """The query was cancelled, or its client left."""

    reason = "CANCELLED_BY_USER"


class WarehouseUnavailable(ExecutionFault):
    """The warehouse cannot be reached."""

    reason = "WAREHOUSE_UNAVAILABLE"


class TooManyQueries(ExecutionFault):
    """Too many queries run at once."""

    reason = "TOO_MANY_QUERIES"


class FileNotFound(ExecutionFault):
    """The place has no files."""

    reason = "FILE_NOT_FOUND"


class FileExists(ExecutionFault):
    """The place has files already."""

    reason = "FILE_EXISTS"


class InvalidFile(ExecutionFault):
    """A file cannot be read, or a value in it does not fit its column."""

    reason = "INVALID_FILE"


def did_you_mean(name: str, known: list[str], *, otherwise: str = "") -> str:
    """Hint that names the nearest known name, or lists a few."""
    by_fold = {k.lower(): k for k in known}
    near = get_close_matches(name.lower(), list(by_fold), n=1, cutoff=0.6)
    if near:
        return f"did you mean {by_fold[near[0]]}?"
    if not known:
        return otherwise
    shown = ", ".join(sorted(known)[:10]) + (", …" if len(known) > 10 else "")
    return f"it has {shown}"
