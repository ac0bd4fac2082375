"""Options that say what a load tolerates."""

import enum
from typing import Annotated

import typer
from dwsim.common.v1.load_options_pb2 import LoadOptions


class OnError(enum.StrEnum):
    """What happens to rows that the target refuses."""

    abort = "abort"
    skip_row = "skip_row"
    skip_batch = "skip_batch"


class SchemaDrift(enum.StrEnum):
    """What happens where an append brings other columns than the target has."""

    fail = "fail"
    add_columns = "add_columns"
    ignore_extra = "ignore_extra"


OnErrorOption = Annotated[
    OnError, typer.Option("--on-error", case_sensitive=False, help="What happens to rows that the target refuses.")
]
MaxErrors = Annotated[
    int, typer.Option("--max-errors", min=0, help="Most refused rows before the load fails; 0 for no limit.")
]
Drift = Annotated[
    SchemaDrift,
    typer.Option("--schema-drift", case_sensitive=False, help="What an append of other columns does to them."),
]


def load_options(on_error: OnError, max_errors: int, schema_drift: SchemaDrift) -> LoadOptions | None:
    """What the load of a run tolerates; None where it is the default."""
    if (on_error, max_errors, schema_drift) == (OnError.abort, 0, SchemaDrift.fail):
        return None
    return LoadOptions(
        on_error=LoadOptions.OnError.Value(on_error.upper()),
        max_errors=max_errors,
        schema_drift=LoadOptions.SchemaDrift.Value(schema_drift.upper()),
    )
