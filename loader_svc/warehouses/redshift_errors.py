"""Why a COPY failed: what Redshift wrote down about it, else what it said.

A provisioned cluster has STL_LOAD_ERRORS, which knows the value too; a serverless workgroup SYS_LOAD_ERROR_DETAIL
alone. The newest entry of our session is the one, if its file is of the COPY.
"""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dwsim_wire.fault import Fault
from dwsim_wire.staging import StagingRoot
from loader_svc.core.faults import ConstraintViolated, SchemaMismatch, ValueOutOfRange
from loader_svc.core.loads import Batch
from loader_svc.warehouses.postgres_faults import UnexpectedError
from loader_svc.warehouses.redshift_session import Session

LONGEST_VALUE = 100
VIEWS = (
    "SELECT TRIM(filename), TRIM(colname), TRIM(type), TRIM(col_length), TRIM(raw_field_value), TRIM(err_reason)"
    " FROM stl_load_errors WHERE session = %s ORDER BY starttime DESC LIMIT 1",
    "SELECT TRIM(file_name), TRIM(column_name), TRIM(column_type), TRIM(column_length), '', TRIM(error_message)"
    " FROM sys_load_error_detail WHERE session_id = %s ORDER BY start_time DESC LIMIT 1",
)
NOT_NULL = re.compile(r"not.?null|null value", re.IGNORECASE)
OF_SCHEMA = re.compile(r"parquet schema|number of columns|type mismatch|incompatible", re.IGNORECASE)


class CopyFailed(Exception):
    """A COPY failed for good; `fault` says what its words tell."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True)
class LoadError:
    """What Redshift wrote down about a value that it did not take."""

    batch: Batch
    column: str
    type: str
    value: str
    why: str


def explained(session: Session, failed: CopyFailed, batches: Sequence[Batch]) -> Fault:
    """The fault of a failed COPY, with table, file, column and value where Redshift tells them."""
    found = _newest(session, batches)
    if found is None:
        failed.fault.metadata.setdefault("table", batches[0].table)
        failed.fault.message = f"table {batches[0].table!r}: {failed.fault.message}"
        return failed.fault
    value = f" (value {found.value!r})" if found.value else ""
    column = f"column {found.column!r} {found.type} of " if found.column else ""
    return _kind(found.why)(
        f"table {found.batch.table!r}: {column}batch {found.batch.index}: {found.why}{value}",
        hint="Redshift's VARCHAR counts bytes: lengthen the column in the DDL" if "length" in found.why else "",
        metadata={
            "table": found.batch.table,
            "column": found.column,
            "uri": found.batch.uri,
            "value": found.value,
        },
    )


def _kind(why: str) -> type[Fault]:
    if NOT_NULL.search(why):
        return ConstraintViolated
    return SchemaMismatch if OF_SCHEMA.search(why) else ValueOutOfRange


def _newest(session: Session, batches: Sequence[Batch]) -> LoadError | None:
    """The newest entry, from the first of the views that can be read."""
    [(process,)] = session.run("SELECT pg_backend_pid()")
    for sql in VIEWS:
        with contextlib.suppress(Fault, UnexpectedError):  # a view that this kind of warehouse lacks
            if rows := session.run(sql, (process,)):
                return _entry(rows[0], batches)
    return None


def _entry(row: Sequence[Any], batches: Sequence[Batch]) -> LoadError | None:
    file, column, kind, length, value, why = (str(item or "").strip() for item in row)
    for batch in batches:
        if file.endswith("/" + StagingRoot.parse(batch.uri).key):
            shown = f"{kind}({length})" if length not in {"", "0"} else kind
            return LoadError(batch, column, shown, value[:LONGEST_VALUE], why)
    return None
