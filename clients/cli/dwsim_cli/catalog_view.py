"""Tables, columns and translations for people; the commands and the shell print them alike."""

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.query.v1 import query_service_pb2 as query
from dwsim.query.v1.translation_pb2 import Translation

from dwsim_cli import figures
from dwsim_cli.output import Output


def tables(output: Output, answer: query.ListTablesResponse) -> None:
    """Print the tables of an experiment."""
    output.table(
        ["table", "rows", "columns", "warehouse"],
        (
            [t.name, figures.count(t.rows), t.column_count, Warehouse.Kind.Name(t.warehouse).lower()]
            for t in answer.tables
        ),
    )


def table(output: Output, answer: query.DescribeTableResponse) -> None:
    """Print a table as its DDL declared it."""
    output.table(
        ["column", "type", "null", "key"],
        (
            [c.name, c.data_type, "null" if c.nullable else "", "primary" if c.primary_key else ""]
            for c in answer.columns
        ),
        title=f"{answer.table.name} · {figures.count(answer.table.rows)} rows",
    )
    for name, value in sorted(answer.properties.items()):
        output.note(f"{name}: {value}")


def translation(output: Output, answer: Translation) -> None:
    """Print a statement's form, then how faithful it is."""
    output.text(answer.translated_sql)
    source, target = (SqlDialect.Name.Name(d).lower() for d in (answer.dialect, answer.target_dialect))
    output.note(f"{source} to {target}: {Translation.Verdict.Name(answer.verdict).lower()}")
    for note in answer.notes:
        output.note(f"  {note}")
