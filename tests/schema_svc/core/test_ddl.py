"""DDL texts: golden imports, accounts of every statement, places of errors."""

import contextlib
import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import Fault
from schema_svc.core import faults
from schema_svc.core.ddl.reading import read_ddl
from schema_svc.core.ddl.scan import Text
from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.model import Experiment
from schema_svc.core.vocabulary import Dialect, Outcome
from tests.golden.ddl_goldens import TEXTS, expected, outcome


def imported(sql: str, dialect: Dialect = Dialect.REDSHIFT, **order: object) -> Experiment:
    """The experiment of a text."""
    return import_sql(dataclasses.replace(SqlImport("shop", sql, dialect), **order)).experiment  # type: ignore[arg-type]  # fields of the order


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_golden_text_becomes_what_it_always_became(path: Path) -> None:
    """Types, keys, properties, warnings and the account of every statement, at a glance of a diff."""
    assert json.loads(json.dumps(outcome(path))) == expected(path)


def test_one_bad_statement_costs_no_other() -> None:
    """Whole files must not fail at one statement."""
    path = next(path for path in TEXTS if path.stem == "redshift_odd_statements")
    statements = expected(path)["statements"]
    kinds = [status["outcome"] for status in statements]
    assert {Outcome.IMPORTED, Outcome.SKIPPED, Outcome.REFUSED} == set(kinds)
    assert all(status["note"] for status in statements if status["outcome"] != Outcome.IMPORTED)
    assert [status["table"] for status in statements][-1] == "afterwards"


def test_a_composite_primary_key_gets_a_surrogate_and_says_so() -> None:
    """The words are promised: scripts look for them."""
    table = imported(
        "CREATE TABLE sales (region_id INT, store_id INT, x INT, PRIMARY KEY (region_id, store_id))"
    ).tables[0]
    first = table.columns[0]
    assert (first.name, first.data_type, first.required, first.is_unique) == ("_row_id", "INT", True, True)
    assert table.primary_key == ["_row_id"]
    assert [key.columns for key in table.composite_keys] == [["region_id", "store_id"]]
    assert [column.name for column in table.columns[1:]] == ["region_id", "store_id", "x"]
    assert table.warnings == [
        "Table 'sales' has a composite primary key (region_id, store_id). A surrogate key column '_row_id' has been "
        "added for generation. Original columns are preserved."
    ]


def test_without_surrogate_keys_the_ddl_stays_as_it_is() -> None:
    """Some want their tables back exactly."""
    sql = "CREATE TABLE sales (a INT, b INT, PRIMARY KEY (a, b))"
    table = imported(sql, surrogate_keys=False).tables[0]
    assert table.primary_key == ["a", "b"]
    assert not table.warnings
    assert [column.name for column in table.columns] == ["a", "b"]


@pytest.mark.parametrize(
    ("sql", "line", "column", "words"),
    [
        ("\n\nCREATE TABLE t (a INT,, b INT);", 3, 23, "remove a comma"),
        ("CREATE TABLE t (\n  a INT,\n  b VARCHAR(10\n);", 1, 16, "close"),
        ("CREATE TABLE t (a INT) DEFAULT 'x", 1, 32, "close the string"),
        ("CREATE TABLE", 1, 13, "name"),
        ("SELECT 1", 1, 1, "CREATE TABLE"),
        ("hello world", 1, 1, "does not begin"),
        ("CREATE TABLE t (a INT))", 1, 23, "closes nothing"),
        ("/* never closed", 1, 1, "close the comment"),
    ],
)
def test_a_text_without_a_table_fails_at_the_place_of_its_error(sql: str, line: int, column: int, words: str) -> None:
    """Whoever wrote four hundred tables must find the one typo."""
    with pytest.raises(faults.InvalidSql) as caught:
        imported(sql)
    assert caught.value.metadata == {"line": str(line), "column": str(column)}
    assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("sql", ["", "  \n", "-- only a comment", "/* and */ ;;;"])
def test_a_text_without_statements_is_empty(sql: str) -> None:
    """An empty file is usually the wrong file."""
    with pytest.raises(faults.EmptyDocument):
        imported(sql)


def test_deep_nesting_is_refused_where_it_is_and_costs_no_other_table() -> None:
    """Brackets without end must not end the service."""
    deep = f"CREATE TABLE deep (a INT DEFAULT {'(' * 5000}1{')' * 5000});"
    with pytest.raises(faults.TooComplex):
        imported(deep)
    assert [table.name for table in imported(deep + "CREATE TABLE t (a INT);").tables] == ["t"]


def test_names_are_folded_as_the_warehouse_does() -> None:
    """Redshift folds quoted names too; Snowflake keeps them."""
    sql = 'CREATE TABLE "Orders" (Id INT, "Full Name" INT)'
    redshift, snowflake = imported(sql).tables[0], imported(sql, Dialect.SNOWFLAKE).tables[0]
    assert [redshift.name, *(c.name for c in redshift.columns)] == ["orders", "id", "full name"]
    assert [snowflake.name, *(c.name for c in snowflake.columns)] == ["Orders", "ID", "Full Name"]


def test_foreign_keys_sit_on_their_column_with_the_referenced_column_filled_in() -> None:
    """Everybody downstream reads one form, however the DDL wrote it."""
    experiment = imported(
        """CREATE TABLE parents (id INT PRIMARY KEY, a INT, b INT, UNIQUE (a, b));
        CREATE TABLE inline (p INT REFERENCES parents);
        CREATE TABLE level (p INT NOT NULL, FOREIGN KEY (p) REFERENCES parents (id));
        CREATE TABLE altered (p INT); ALTER TABLE altered ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parents;
        CREATE TABLE several (a INT, b INT, FOREIGN KEY (a, b) REFERENCES parents (a, b));"""
    )
    keys = [table.columns[0].foreign_key for table in experiment.tables[1:4]]
    assert [(k.references_table, k.references_column, k.nullable) for k in keys if k] == [
        ("parents", "id", True),
        ("parents", "id", False),
        ("parents", "id", True),
    ]
    assert experiment.tables[4].foreign_keys[0].references_columns == ["a", "b"]


def test_a_composite_key_is_nullable_only_where_all_its_columns_are() -> None:
    """NULL goes into all columns of the key at once; one of them may refuse it."""
    sql = (
        "CREATE TABLE p (a INT, b INT, UNIQUE (a, b));"
        "CREATE TABLE c (a INT NOT NULL, b INT, FOREIGN KEY (a, b) REFERENCES p (a, b));"
        "CREATE TABLE d (a INT, b INT, FOREIGN KEY (a, b) REFERENCES p (a, b));"
    )
    assert [table.foreign_keys[0].nullable for table in imported(sql).tables[1:]] == [False, True]


def test_rows_are_set_for_all_tables_or_by_name() -> None:
    """A fact table needs more rows than its dimensions."""
    sql = "CREATE TABLE a (x INT); CREATE TABLE b (x INT)"
    experiment = imported(sql, target_rows=5, table_rows={"B": 7})
    assert [table.target_rows for table in experiment.tables] == [5, 7]
    with pytest.raises(faults.InvalidExperiment, match=r"table_rows\.bb") as caught:
        imported(sql, table_rows={"bb": 7})
    assert "did you mean" in caught.value.hint
    with pytest.raises(faults.InvalidRowCount):
        imported(sql, target_rows=-1)


PIECES = st.sampled_from(
    [
        "CREATE TABLE t", "CREATE TABLE", "(", ")", ",", ";", "a INT", "b VARCHAR(10)", "PRIMARY KEY", "REFERENCES t",
        "NOT NULL", "DEFAULT", "'x'", "'", '"', "$$", "/*", "*/", "--", "\n", "CHECK", "IDENTITY(1,1)", "SORTKEY",
        "FOREIGN KEY", "UNIQUE", "[", "]", "{{x}}", "ALTER TABLE t ADD", "COMMENT ON TABLE t IS", "CREATE VIEW v AS",
        "DISTKEY", "ENCODE", "GENERATED ALWAYS AS", "=", ".", "1", "-", "START WITH", "MATCH", "ON DELETE", "é", "\x00",
    ]
)  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(st.lists(PIECES, max_size=40).map(" ".join), st.sampled_from([Dialect.REDSHIFT, Dialect.SNOWFLAKE]))
def test_no_text_crashes_the_importer_and_every_statement_is_accounted_for(sql: str, dialect: Dialect) -> None:
    """People paste anything."""
    with contextlib.suppress(Fault):
        result = import_sql(SqlImport("shop", sql, dialect))
        assert len(result.statements) == len(list(Text(sql, dialect).statements()))


def test_a_byte_order_mark_is_no_text() -> None:
    """Editors on Windows write one; places are counted behind it."""
    reading = read_ddl("\ufeffCREATE TABLE t (a INT); CREATE TABLE u (b INT,, c INT);", Dialect.REDSHIFT)
    assert [status.outcome for status in reading.statements] == [Outcome.IMPORTED, Outcome.REFUSED]
    assert [(status.line, status.column) for status in reading.statements] == [(1, 1), (1, 25)]
