"""Options of `dw-sim experiment generate` that say what a run makes, how it is written and how long it is kept."""

import enum
from pathlib import Path
from typing import Annotated

import typer
from dwsim.generator.v1.generator_service_pb2 import StartRunRequest
from dwsim.generator.v1.run_pb2 import Run


class RunKind(enum.StrEnum):
    """What a run makes, by the names that users type."""

    full = "full"
    append = "append"
    change_set = "change-set"


class FileFormat(enum.StrEnum):
    """How files are written, by the names that users type."""

    parquet = "parquet"
    csv = "csv"
    json_lines = "json_lines"
    arrow_ipc = "arrow_ipc"


class Retention(enum.StrEnum):
    """How long files are kept, by the names that users type."""

    keep = "keep"
    delete_after_load = "delete_after_load"
    expire_days = "expire_days"


Tables = Annotated[list[str] | None, typer.Option("--table", help="Make only this table; repeatable.")]
OutputDir = Annotated[str, typer.Option("--output-dir", help="Where the files go: a directory, or s3://bucket/prefix.")]
Format = Annotated[
    FileFormat, typer.Option("--format", case_sensitive=False, help="How files are written; parquet is loaded.")
]
BatchRows = Annotated[int, typer.Option("--batch-rows", min=0, help="Rows of a batch; 0 chooses.")]
Kind = Annotated[RunKind, typer.Option("--kind", case_sensitive=False, help="What to make.")]
AutoLoad = Annotated[
    bool | None, typer.Option("--load/--no-load", help="Let the loader load the run.", show_default="what it can")
]
Kept = Annotated[
    Retention | None, typer.Option("--retention", case_sensitive=False, help="How long the staged files are kept.")
]
ExpireDays = Annotated[int, typer.Option("--expire-days", min=0, help="Keep the staged files for so many days.")]


def written_as(
    file_format: FileFormat, kind: RunKind, *, batch_rows: int, as_of: str, output_dir: str
) -> StartRunRequest:
    """The part of a request that says what is made, and how and where it is written."""
    return StartRunRequest(
        format=Run.Format.Value(file_format.upper()),
        kind=Run.Kind.Value(kind.upper().replace("-", "_")),
        batch_rows=batch_rows,
        as_of=as_of,
        output_dir=_place(output_dir),
    )


def kept_for(retention: Retention | None, expire_days: int) -> StartRunRequest:
    """The part of a request that says how long files are kept; days alone are enough to say that they expire."""
    chosen = retention or (Retention.expire_days if expire_days else Retention.keep)
    return StartRunRequest(retention=Run.Retention.Value(chosen.upper()), expire_days=expire_days)


def _place(output_dir: str) -> str:
    """A path means one on this machine, whatever the server's working directory is."""
    if not output_dir or output_dir.startswith("s3://"):
        return output_dir
    return str(Path(output_dir).absolute())
