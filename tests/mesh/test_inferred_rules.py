"""Whatever the schema service infers, its own checks take and the generator makes, within type, length and bounds.

Both services' cores meet here as they do in the mesh: through the document.
"""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import Fault
from generator_svc.core.document import read_tables
from generator_svc.core.plan import Plan
from generator_svc.core.segments import first_segments
from schema_svc.core.check import prepare
from schema_svc.core.document import read_document
from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.inference.matching import normal_names
from schema_svc.core.inference.table import ENTRIES
from schema_svc.core.inference.times import FOLLOWERS
from schema_svc.core.model import Column, Experiment, LogicalType, Table
from schema_svc.core.vocabulary import TypeKind

ROWS = 60
NAMES = sorted(
    {name for entry in ENTRIES for name in normal_names(entry.names)}
    | {name for follower in FOLLOWERS for name in normal_names(f"{follower.names} {follower.after}")}
    | {"start_date", "end_date", "min_price", "max_price", "valid_from", "valid_to", "x", "name2", "capacity", "Straße"}
)
PLAIN_TYPES = (
    "SMALLINT", "INT", "BIGINT", "REAL", "FLOAT", "BOOLEAN", "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "TEXT",
    "SUPER", "VARBYTE(9)",
)  # fmt: skip
LENGTHS = st.one_of(st.integers(1, 60), st.sampled_from([100, 255, 65535]))
DECIMALS = st.integers(1, 38).flatmap(lambda p: st.tuples(st.just(p), st.integers(0, p)))
TYPES = st.one_of(
    LENGTHS.map(lambda n: f"VARCHAR({n})"),
    LENGTHS.map(lambda n: f"CHAR({min(n, 4096)})"),
    DECIMALS.map(lambda d: f"DECIMAL({d[0]},{d[1]})"),
    st.sampled_from(
        [
            "SMALLINT",
            "INT",
            "BIGINT",
            "REAL",
            "FLOAT",
            "BOOLEAN",
            "DATE",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMPTZ",
            "TEXT",
            "SUPER",
            "VARBYTE(9)",
        ]
    ),
)
COLUMNS = st.lists(
    st.tuples(
        st.sampled_from(NAMES).map(lambda name: name.replace("*", "x")),
        TYPES,
        st.sampled_from(["", "", " NOT NULL", " UNIQUE", " DEFAULT 'new'", " NOT NULL UNIQUE"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda column: column[0],
)
TABLES = st.sampled_from(["t", "orders", "customers", "job_runs", "vendors", "products", "dim_city", "fact_payments"])


def importable(columns: list[tuple[str, str, str]], table: str) -> str:
    """The table as DDL."""
    return f"CREATE TABLE {table} ({', '.join(f'{chr(34)}{n}{chr(34)} {t}{more}' for n, t, more in columns)})"


def plan(experiment: Experiment, rows: int) -> Plan:
    """The generator's plan of the document; it refuses what it could not make."""
    tables = read_tables(experiment.document())
    return Plan(tables, first_segments(tables, {table.name: rows for table in tables}), 42, dt.date(2026, 1, 1))


def is_possible(experiment: Experiment, rows: int) -> bool:
    """True where the generator takes the document."""
    try:
        plan(experiment, rows)
    except Fault:
        return False
    return True


def cells(experiment: Experiment, rows: int = ROWS) -> dict[str, dict[str, list[Any]]]:
    """Cells of all tables."""
    made = plan(experiment, rows)
    return {table.name: made.batch(table.name, 0, rows).to_pydict() for table in experiment.tables}


@settings(deadline=None, max_examples=80)
@given(COLUMNS, TABLES)
def test_every_inferred_rule_is_valid_and_makes_values_of_the_column(
    columns: list[tuple[str, str, str]], table: str
) -> None:
    """A wrongly guessed name must never make an import or a run fail that went without the guess."""
    sql = importable(columns, table)
    experiment = import_sql(SqlImport("x", sql)).experiment
    again = prepare(read_document(experiment.document()))
    assert again.document() == experiment.document()
    plain = import_sql(SqlImport("x", sql, infer_rules=False)).experiment
    possible = [rows for rows in (ROWS, 1_000_000) if is_possible(plain, rows)]
    for rows in possible:
        plan(experiment, rows)
    for made in experiment.tables if ROWS in possible else []:
        values = cells(experiment)[made.name]
        for column in made.columns:
            assert_within(made, column, values[column.name])


@pytest.mark.slow
@pytest.mark.timeout(3000)
@settings(deadline=None, max_examples=5_000)
@given(COLUMNS, TABLES)
def test_every_inferred_rule_holds_in_many_more_tables(columns: list[tuple[str, str, str]], table: str) -> None:
    """The same, for hours that nobody waits."""
    test_every_inferred_rule_is_valid_and_makes_values_of_the_column.hypothesis.inner_test(columns, table)  # type: ignore[attr-defined]  # hypothesis keeps the test there


KEYS = [
    "id", "user_id", "order_id", "parent_id", "owner_id", "created_by", "users_id", "line_no", "orderid", "manager_id",
    "person_id", "status", "email",
]  # fmt: skip
KEY_TYPES = ["INT", "INT", "INT", "SMALLINT", "BIGINT", "VARCHAR(8)", "VARCHAR(36)", "DECIMAL(6,0)"]
KEYED = st.lists(
    st.tuples(
        st.lists(
            st.tuples(
                st.sampled_from(KEYS), st.sampled_from(KEY_TYPES), st.sampled_from(["", "", " NOT NULL", " UNIQUE"])
            ),
            min_size=1,
            max_size=5,
            unique_by=lambda column: column[0],
        ),
        st.integers(0, 3),
        st.sampled_from([0, 1, 5, 60, 400]),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=60)
@given(KEYED, st.booleans())
def test_no_guessed_key_makes_impossible_what_went_without_it(
    drawn: list[tuple[list[tuple[str, str, str]], int, int]], surrogate_keys: bool
) -> None:
    """Guessed keys join tables; they must never be the reason why there is no table to join."""
    sql, rows = "", {}
    for name, (columns, members, count) in zip(("users", "orders", "order_items", "people"), drawn, strict=False):
        key = f", PRIMARY KEY ({', '.join(column[0] for column in columns[:members])})" if members else ""
        sql += f"CREATE TABLE {name} ({', '.join(map(' '.join, columns))}{key});"
        rows[name] = count
    order = SqlImport("x", sql, table_rows=rows, surrogate_keys=surrogate_keys)
    plain = import_sql(replace(order, infer_foreign_keys=False)).experiment
    guessed = import_sql(order).experiment
    prepare(read_document(guessed.document()))
    if is_planned(plain):
        made = planned(guessed)
        for table in guessed.tables:
            values = made.batch(table.name, 0, rows[table.name]).to_pydict()
            for column in table.columns:
                assert_within(table, column, values[column.name])


@pytest.mark.slow
@pytest.mark.timeout(3000)
@settings(deadline=None, max_examples=3_000)
@given(KEYED, st.booleans())
def test_no_guessed_key_makes_many_more_impossible(
    drawn: list[tuple[list[tuple[str, str, str]], int, int]], surrogate_keys: bool
) -> None:
    """The same, for hours that nobody waits."""
    test_no_guessed_key_makes_impossible_what_went_without_it.hypothesis.inner_test(drawn, surrogate_keys)  # type: ignore[attr-defined]  # hypothesis keeps the test there


def planned(experiment: Experiment) -> Plan:
    """The plan of a document with the rows that it names."""
    tables, rows = read_tables(experiment.document()), {t.name: t.target_rows or 0 for t in experiment.tables}
    return Plan(tables, first_segments(tables, rows), 42, dt.date(2026, 1, 1))


def is_planned(experiment: Experiment) -> bool:
    """True where the generator takes the document with its rows."""
    try:
        planned(experiment)
    except Fault:
        return False
    return True


def assert_within(table: Table, column: Column, values: list[Any]) -> None:
    """The promises of a column: nulls, uniqueness, length, precision, bounds, order."""
    logical = column.logical_type
    assert logical
    present = [value for value in values if value is not None]
    assert len(present) == len(values) or not (column.required or (column.is_unique and not column.foreign_key))
    assert len(set(map(repr, present))) == len(present) or not column.is_unique
    if logical.kind is TypeKind.STRING and logical.length:
        assert max(map(len, present), default=0) <= logical.length
    if logical.kind is TypeKind.DECIMAL:
        assert all(abs(value) < Decimal(10) ** (logical.precision - logical.scale) for value in present)
    if column.rule and column.rule.normal and column.rule.normal.bounds:
        bounds = column.rule.normal.bounds
        slack = Decimal("0.01") if _is_float(logical) else 0
        assert all(Decimal(bounds.min) - slack <= Decimal(str(v)) <= Decimal(bounds.max) + slack for v in present)


def _is_float(logical: LogicalType) -> bool:
    return logical.kind in {TypeKind.FLOAT32, TypeKind.FLOAT64}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.names.split()[0])
def test_every_entry_of_the_table_fills_a_column(entry: Any) -> None:
    """A row that can never apply would be a promise in the docs that nobody keeps."""
    types = {TypeKind.STRING: "VARCHAR(300)", TypeKind.BOOLEAN: "BOOLEAN", TypeKind.DATE: "DATE"}
    kind = next((types[kind] for kind in types if kind in entry.kinds), "INT")
    if kind == "INT" and TypeKind.INT32 not in entry.kinds:
        kind = "DECIMAL(5,4)" if getattr(entry.filling, "most_digits", None) else "DECIMAL(12,6)"
    length = getattr(entry.filling, "most", 0)
    if kind.startswith("VARCHAR") and isinstance(length, int) and 0 < length < 4 and not hasattr(entry.filling, "unit"):
        kind = f"VARCHAR({length})"
    name = normal_names(entry.names)[0].replace("*", "x")
    table = (entry.owners.split() or ["anything"])[0]
    near = f", {normal_names(entry.near)[0]} VARCHAR(9)" if entry.near else ""
    experiment = import_sql(SqlImport("x", f"CREATE TABLE {table} ({name} {kind}{near})")).experiment
    column = experiment.tables[0].columns[0]
    assert column.inferred, (name, kind)
    assert_within(experiment.tables[0], column, cells(experiment)[table][name])
