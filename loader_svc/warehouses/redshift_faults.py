"""What Redshift complains about, as faults; its own words stay behind, and keys are taken out of what is logged.

Redshift gives the SQLSTATE XX000 to most of what is its own, so that the words decide there; elsewhere PostgreSQL's
table holds.
"""

import re
from collections.abc import Callable, Collection

import psycopg2

from dwsim_wire.fault import Fault
from loader_svc.core.faults import (
    CopyDenied,
    DiskFull,
    SchemaMismatch,
    StagedFileChanged,
    ValueOutOfRange,
    WarehouseBusy,
)
from loader_svc.warehouses import postgres_faults
from loader_svc.warehouses.postgres_faults import KIND, UnexpectedError

META = {"warehouse": KIND}
TWIN = frozenset({"42P06", "42P07"})
DEPENDENT = "2BP01"
OWN = frozenset({"XX000", "53000", "53100", "58000", "58030"})
"""States of which the words tell more."""
HIDDEN = "***"


def _conflict() -> Fault:
    return WarehouseBusy("another transaction wrote the same tables", hint="it is tried again", metadata=dict(META))


def _throttled() -> Fault:
    return WarehouseBusy("S3 does not answer the warehouse in time", hint="it is tried again", metadata=dict(META))


def _full() -> Fault:
    return DiskFull("no space is left for the warehouse", hint="free some space or resize, then retry the load")


def _denied() -> Fault:
    return CopyDenied(
        "the warehouse may not read the bucket of the staged files",
        hint="let redshift_iam_role (or the keys of COPY) list and get its objects; it is in the cluster's region?",
        metadata=dict(META),
    )


def _gone() -> Fault:
    return StagedFileChanged("a staged file is missing or was altered", hint="generate the run again")


def _incompatible() -> Fault:
    return SchemaMismatch("a staged file's columns are not those of its table", hint="generate the run again")


def _unfit() -> Fault:
    return ValueOutOfRange("a staged value does not fit its column")


WORDS: tuple[tuple[re.Pattern[str], Callable[[], Fault]], ...] = tuple(
    (re.compile(words, re.IGNORECASE), fault)
    for words, fault in (
        (r"serializable isolation violation|conflict with concurrent transaction|could not serialize", _conflict),
        (r"\A1023\b", _conflict),
        (r"slow ?down|reduce your request rate|throttl|service ?unavailable|RequestTimeout|code:? 503", _throttled),
        (r"disk full|no space left", _full),
        (
            r"access ?denied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|not authorized to"
            r"|PermanentRedirect|no default iam role|is not associated|invalid credentials",
            _denied,
        ),
        (r"NoSuchKey|key does not exist|manifest|content_?length|NoSuchBucket", _gone),
        (r"incompatible parquet schema|number of columns|unmatched number of columns", _incompatible),
        (r"exceeds DDL length|value too long|overflow|out of range|JSON_PARSE|invalid json|load_error", _unfit),
    )
)
"""What Redshift says, in the order in which it is asked."""


def fault_of(error: psycopg2.Error, secrets: Collection[str] = ()) -> Exception:
    """Name what went wrong."""
    state = error.pgcode or ""
    said = said_by(error, secrets)
    if state in TWIN:
        return WarehouseBusy("another loader makes the same schema or table", hint="it is tried again", metadata=META)
    if state == DEPENDENT:
        return SchemaMismatch(
            "a table cannot be replaced: a view that is bound to it depends on it",
            hint="make the view anew WITH NO SCHEMA BINDING, or drop it, then retry the load",
        )
    if state in OWN:
        for words, fault in WORDS:
            if words.search(said):
                return fault()
    found = postgres_faults.fault_of(error)
    return UnexpectedError(state, said) if isinstance(found, UnexpectedError) else found


def said_by(error: psycopg2.Error, secrets: Collection[str] = ()) -> str:
    """Redshift's own words, without keys."""
    said = str(error)
    for secret in filter(None, secrets):
        said = said.replace(secret, HIDDEN)
    return said
