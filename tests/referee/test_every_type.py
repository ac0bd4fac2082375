"""The referee: what the loader's adapter writes, the query adapter reads, for every logical type on every warehouse.

The two share no code on purpose; here is where they must agree.
"""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from query_svc.core.catalog import Column, Place, Table
from query_svc.core.dialects import REDSHIFT
from query_svc.core.translate import translate
from query_svc.core.types import Kind, SqlType
from query_svc.warehouses.postgres import PostgresReader
from query_svc.warehouses.reader import Reader, Stop
from query_svc.warehouses.sqlite import SqliteReader
from query_svc.worker import statement_of
from tests.postgres import Database
from tests.referee.every_type import CASES, Case, cases, document, expected, rows

Query = Callable[[str, str], pa.Table]


def _place(warehouse: str, namespace: str) -> Place:
    columns = [_column(column) for column in document(warehouse)["tables"][0]["columns"]]
    table = Table("everything", "everything", columns, rows=rows(warehouse).num_rows)
    return Place("5f0c", "shop", warehouse, namespace, "redshift", [table])


def _column(column: dict[str, Any]) -> Column:
    logical = column["logical_type"]
    facts = {name: logical[name] for name in ("precision", "scale", "length", "fixed_length") if name in logical}
    return Column(column["name"], column["data_type"], SqlType(Kind[logical["kind"]], **facts))


def _written(warehouse: str, where: str) -> str:
    """Write in a process of its own; answer the schema or file."""
    command = [sys.executable, "-m", "tests.referee.write", warehouse, where]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _read(reader: Reader, place: Place, sql: str) -> pa.Table:
    made = translate(sql, REDSHIFT, place, {})
    result = reader.run(statement_of(made), Stop(60))
    try:
        return pa.Table.from_batches(list(result.batches()), result.schema)
    finally:
        result.close()


@pytest.fixture(scope="module")
def query(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> Query:
    """Run Redshift's SQL over the table that the loader wrote into a warehouse."""
    directory = tmp_path_factory.mktemp("warehouses")
    readers: dict[str, Reader] = {"SQLITE": SqliteReader(directory), "REDSHIFT": PostgresReader(postgres.url)}
    where = {"SQLITE": str(directory), "REDSHIFT": postgres.url}
    places = {kind: _place(kind, _written(kind, where[kind])) for kind in readers}
    return lambda kind, sql: _read(readers[kind], places[kind], sql)


def _same(case: Case, found: Any, wanted: Any) -> bool:
    if case.document and isinstance(found, str):
        return bool(json.loads(found) == json.loads(wanted))
    if isinstance(wanted, float) and math.isnan(wanted):
        return isinstance(found, float) and math.isnan(found)
    return bool(found == wanted and type(found) is type(wanted))


@pytest.mark.parametrize("warehouse", ["SQLITE", "REDSHIFT"])
def test_every_value_is_read_as_it_was_written(query: Query, warehouse: str) -> None:
    """Between generator and user there are two drivers, a database and four conversions."""
    table = query(warehouse, "SELECT * FROM everything ORDER BY id")
    assert table.num_rows == rows(warehouse).num_rows
    problems = {}
    for case in cases(warehouse):
        assert table.schema.field(case.name).type == case.arrow, case.name
        found, wanted = table.column(case.name).to_pylist(), expected(case, warehouse, table.num_rows)
        differing = [(f, w) for f, w in zip(found, wanted, strict=True) if not _same(case, f, w)]
        if differing:
            problems[case.name] = differing
    assert not problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
@pytest.mark.parametrize("warehouse", ["SQLITE", "REDSHIFT"])
def test_nulls_are_nulls(query: Query, warehouse: str, case: Case) -> None:
    """An empty text, a zero and a NULL are three things."""
    if warehouse in case.missing:
        return
    table = query(warehouse, f"SELECT COUNT(*), COUNT({case.name}) FROM everything")
    count, there = (column.to_pylist()[0] for column in table.columns)
    wanted = [value for value in expected(case, warehouse, count) if value is not None]
    assert (count, there) == (rows(warehouse).num_rows, len(wanted))


def test_every_kind_of_the_contract_is_refereed() -> None:
    """A type that is added must be added here."""
    assert {case.logical["kind"] for case in CASES} == {kind.value for kind in Kind} - {"NULL", "UNKNOWN"}
