"""Options and arguments that several commands share, and how their values are read."""

import enum
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse

from dwsim_cli.completion import experiment_names
from dwsim_cli.faults import InvalidInput

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="DW_SIMULATOR_DATA_DIR", file_okay=False, help="Directory of all state."),
]
ExperimentName = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the experiment.", autocompletion=experiment_names)
]


def _readable(path: Path) -> Path:
    """Typer's own check knows `-` for texts alone, not for paths."""
    if str(path) != "-" and not path.is_file():
        raise typer.BadParameter(f"file {str(path)!r} does not exist")
    return path


TextFile = Annotated[Path, typer.Argument(metavar="FILE", callback=_readable, help="- reads stdin.")]
Rows = Annotated[
    list[str] | None,
    typer.Option("--rows", metavar="TABLE=N", help="Rows of a table, such as orders=1000000 or orders=1M; repeatable."),
]
Revision = Annotated[int, typer.Option("--revision", min=0, help="An older revision.")]
Etag = Annotated[str, typer.Option("--etag", help="Only where this is the etag of the newest revision.")]
NoSurrogateKeys = Annotated[
    bool, typer.Option("--no-surrogate-keys", help="Keep composite primary keys as the DDL has them.")
]
NoInference = Annotated[
    bool, typer.Option("--no-infer-foreign-keys", help="Do not guess foreign keys from column names.")
]
NoRules = Annotated[
    bool, typer.Option("--no-infer-rules", help="Do not guess from column names how columns are filled.")
]
Refused = Annotated[
    list[str] | None, typer.Option("--refuse-foreign-key", metavar="TABLE.COLUMN", help="A guess to leave out.")
]
TargetRows = Annotated[int | None, typer.Option("--target-rows", help="Rows of every table; 1000 by default.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Most entries to list.")]
AsOf = Annotated[str, typer.Option("--as-of", help="Day that relative rules resolve against, such as 2026-01-01.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of all cells; 42 if not given.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Show progress until the end, or return at once.")]

_ROWS = re.compile(r"(?P<number>\d[\d_]*)(?P<unit>[kmbKMB]?)")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}


class Dialect(enum.StrEnum):
    """Dialects by the names that users type."""

    redshift = "redshift"
    snowflake = "snowflake"
    postgres = "postgres"
    sqlite = "sqlite"
    clickhouse = "clickhouse"
    duckdb = "duckdb"
    databricks = "databricks"


class WarehouseKind(enum.StrEnum):
    """Kinds of warehouse by the names that users type."""

    redshift = "redshift"
    snowflake = "snowflake"
    sqlite = "sqlite"
    postgres = "postgres"
    clickhouse = "clickhouse"
    lakehouse = "lakehouse"


class StackWarehouse(enum.StrEnum):
    """Warehouses that a stack brings along."""

    redshift = "redshift"
    snowflake = "snowflake"
    sqlite = "sqlite"


class StackStage(enum.StrEnum):
    """Places of staged files that a stack brings along."""

    disk = "disk"
    s3 = "s3"


StageOption = Annotated[
    StackStage,
    typer.Option(
        "--stage",
        case_sensitive=False,
        help="Where staged files go: disk is a directory, or what DW_SIMULATOR_STAGE_BUCKET names;"
        " s3 is an embedded S3 server (SeaweedFS).",
    ),
]
StandIn = Annotated[
    StackWarehouse,
    typer.Option(
        "--warehouse",
        case_sensitive=False,
        help="Warehouse of experiments that name none; redshift is an embedded PostgreSQL,"
        " or the server that DW_SIMULATOR_REDSHIFT_URL names; snowflake is an emulator (fakesnow), or the account that"
        " DW_SIMULATOR_SNOWFLAKE_URL names.",
    ),
]
DialectOption = Annotated[
    Dialect | None,
    typer.Option("--dialect", case_sensitive=False, help="SQL dialect (queries are read in all but databricks)."),
]
Target = Annotated[
    WarehouseKind | None,
    typer.Option("--target-warehouse", case_sensitive=False, help="Warehouse to load; the experiment's by default."),
]


def parse_rows(items: Iterable[str] | None) -> dict[str, int]:
    """Read `TABLE=N`, N with `_` between digits and k, m or b behind them."""
    rows: dict[str, int] = {}
    for item in items or ():
        table, _, number = item.partition("=")
        found = _ROWS.fullmatch(number)
        if not table or not found:
            raise InvalidInput(f"--rows {item!r} is not TABLE=N", hint="write it as --rows orders=1000000 or orders=1M")
        rows[table] = int(found["number"].replace("_", "")) * _UNITS[found["unit"].lower()]
    return rows


def dialect_number(dialect: Dialect | None) -> SqlDialect.Name.ValueType:
    """Number of a dialect in the contract."""
    return SqlDialect.Name.Value(dialect.upper()) if dialect else SqlDialect.NAME_UNSPECIFIED


def warehouse_number(kind: WarehouseKind | None) -> Warehouse.Kind.ValueType:
    """Number of a kind of warehouse in the contract."""
    return Warehouse.Kind.Value(kind.upper()) if kind else Warehouse.KIND_UNSPECIFIED


def read_text(path: Path) -> str:
    """Text of a file, or of standard input for `-`."""
    data = typer.get_binary_stream("stdin").read() if str(path) == "-" else path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: byte {error.start}", hint="save it as UTF-8") from None
