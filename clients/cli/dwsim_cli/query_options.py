"""Options of `dw-sim query`."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from dwsim_cli.options import Dialect


class ResultFormat(enum.StrEnum):
    """Formats of a result by the names that users type."""

    table = "table"
    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    parquet = "parquet"
    arrow = "arrow"
    arrows = "arrows"
    xlsx = "xlsx"


class Compression(enum.StrEnum):
    """Compressions of a file by the names that users type."""

    none = "none"
    gzip = "gzip"
    zstd = "zstd"


Sql = Annotated[str, typer.Argument(metavar="[SQL]", help="One statement; standard input if not given.")]
SqlFile = Annotated[
    Path | None, typer.Option("--file", "-f", exists=True, dir_okay=False, allow_dash=True, help="File with SQL.")
]
Format = Annotated[
    ResultFormat | None,
    typer.Option("--format", case_sensitive=False, help="As the name of --output tells, else table."),
]
OutputFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, help="File for the result, such as rows.parquet or rows.csv.gz."),
]
Compressed = Annotated[
    Compression | None, typer.Option("--compression", case_sensitive=False, help="Compression of the file.")
]
MostRows = Annotated[int | None, typer.Option("--limit", min=1, help="Most rows; 1000 for a table.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0, help="Seconds that the statement may run.")]
Translate = Annotated[bool, typer.Option("--translate", help="Show the warehouse's form; run nothing.")]
ToDialect = Annotated[
    Dialect | None,
    typer.Option("--to", case_sensitive=False, help="With --translate: another dialect than the warehouse's."),
]
AllowWrites = Annotated[
    bool, typer.Option("--allow-writes", help="Let statements write into a scratch, never into the experiment.")
]
ScratchName = Annotated[
    str,
    typer.Option("--scratch", metavar="NAME", help="Scratch whose tables come first; `scratch` with --allow-writes."),
]
Explain = Annotated[bool, typer.Option("--explain", help="Show the warehouse's plan; run nothing.")]
