"""DDL texts: golden imports, accounts of every statement, places of errors."""

import dataclasses
import json
import time
from pathlib import Path

import pytest

from schema_svc.core import faults
from schema_svc.core.ddl.reading import read_ddl
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


@pytest.mark.parametrize(
    "cut",
    [
        "CREATE FUNCTION f() RETURNS INT AS $$ SELECT 1; CREATE TABLE z (a INT);",
        "INSERT INTO t VALUES ('it's'); CREATE TABLE z (a INT);",
        'GRANT SELECT ON "t TO me; CREATE TABLE z (a INT);',
    ],
)
def test_what_is_cut_off_in_a_statement_that_is_skipped_is_refused(cut: str) -> None:
    """It may have swallowed a table: that must not look like a statement without a part."""
    statements = read_ddl(f"CREATE TABLE t (a INT);\n{cut}", Dialect.REDSHIFT).statements
    assert [status.outcome for status in statements] == [Outcome.IMPORTED, Outcome.REFUSED]
    assert "never ends" in statements[1].note


@pytest.mark.parametrize("dialect", [Dialect.REDSHIFT, Dialect.POSTGRES])
def test_comments_nest_as_the_warehouse_has_them(dialect: Dialect) -> None:
    """A table that is commented out is no table, even with a comment of its own."""
    hidden = "/* off: /* old */ CREATE TABLE hidden (a INT); */ CREATE TABLE t (a INT);"
    assert [table.name for table in imported(hidden, dialect).tables] == ["t"]
    stray = "/* see /etc/* */ CREATE TABLE t (a INT); /* done */"
    assert [table.name for table in imported(stray, dialect).tables] == ["t"]


def test_comments_of_megabytes_are_gone_over_in_no_time() -> None:
    """Nesting must not make the scan go back and forth."""
    begin = time.monotonic()
    for comment in ("/*" * 50_000, "/* a */" * 50_000, f"/*{'/* a */' * 50_000}*/", "/* /* a */\n" * 5_000):
        read_ddl(f"CREATE TABLE t (a INT); {comment}", Dialect.REDSHIFT)
    assert time.monotonic() - begin < 10


def test_a_key_that_was_refused_is_named_where_it_is_missed() -> None:
    """Twelve foreign keys to a table without key have one cause, in another statement."""
    sql = (
        "CREATE TABLE p (id INT NOT NULL);\nALTER TABLE p ADD PRIMARY KEY NONCLUSTERED (id);\n"
        "CREATE TABLE c (p_id INT REFERENCES p (id));"
    )
    told = import_sql(SqlImport("shop", sql)).diagnostics
    [missed] = [diagnostic for diagnostic in told if diagnostic.code == faults.ReferenceNotUnique.reason]
    assert "the ALTER TABLE at line 2 was refused: '(' is expected" in missed.hint


def test_a_composite_key_beside_a_column_of_the_surrogates_name_is_said() -> None:
    """Who waits for the surrogate must learn that there is none."""
    table = imported("CREATE TABLE t (_ROW_ID VARCHAR(3), a INT, b INT, PRIMARY KEY (a, b))").tables[0]
    assert table.primary_key == ["a", "b"]
    assert table.warnings == [
        "Table 't' has a composite primary key (a, b) and a column '_row_id' of its own: no surrogate key column has "
        "been added."
    ]


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


def test_a_byte_order_mark_is_no_text() -> None:
    """Editors on Windows write one; places are counted behind it."""
    reading = read_ddl("\ufeffCREATE TABLE t (a INT); CREATE TABLE u (b INT,, c INT);", Dialect.REDSHIFT)
    assert [status.outcome for status in reading.statements] == [Outcome.IMPORTED, Outcome.REFUSED]
    assert [(status.line, status.column) for status in reading.statements] == [(1, 1), (1, 25)]


def test_a_foreign_key_to_a_table_that_is_elsewhere_is_left_out_and_said() -> None:
    """One file a table is how many projects write DDL; a slip in a name is told as an error."""
    sql = "CREATE TABLE orders (id INT, customer INT REFERENCES crm.customers (id), item INT REFERENCES old_orders)"
    table = imported(sql).tables[0]
    assert [column.foreign_key for column in table.columns] == [None, None, None]
    assert table.warnings == [
        "Foreign key orders(customer) was left out: its table 'crm.customers' is not in the text.",
        "Foreign key orders(item) was left out: its table 'old_orders' is not in the text.",
    ]
    slip = "CREATE TABLE customers (id INT PRIMARY KEY); CREATE TABLE o (c INT REFERENCES custmers (id))"
    [told] = import_sql(SqlImport("shop", slip, infer_rules=False)).diagnostics
    assert (told.severity, told.code, told.hint) == ("ERROR", "UNKNOWN_REFERENCED_TABLE", "did you mean 'customers'?")


def test_one_bad_key_costs_no_other() -> None:
    """All of several are told at once, those of several columns too; the good ones stay."""
    sql = """CREATE TABLE p (id INT PRIMARY KEY, x INT, y INT);
        CREATE TABLE c (a VARCHAR(20) REFERENCES p (id), b INT REFERENCES p (x), good INT REFERENCES p (id), d INT,
        FOREIGN KEY (b, d) REFERENCES p (x, y));"""
    made = import_sql(SqlImport("shop", sql, infer_rules=False, infer_foreign_keys=False))
    table = made.experiment.tables[1]
    assert [column.name for column in table.columns if column.foreign_key] == ["good"]
    assert table.foreign_keys == []
    assert [d.line for d in made.diagnostics if d.severity == "ERROR"] == [2, 2, 2]
    assert len([text for text in table.warnings if "was left out" in text]) == 3


CIRCLE = (
    "CREATE TABLE store (id INT PRIMARY KEY, boss INT NOT NULL{});"
    "CREATE TABLE staff (id INT PRIMARY KEY, shop INT NOT NULL REFERENCES store (id));"
)


def test_a_circle_of_required_keys_is_taken_where_one_is_added_later() -> None:
    """Dumps add keys when all rows are there; a circle that could never begin is still an error."""
    later = CIRCLE.format("") + "ALTER TABLE store ADD CONSTRAINT boss FOREIGN KEY (boss) REFERENCES staff (id)"
    store = imported(later).tables[0]
    assert store.columns[1].foreign_key is not None
    assert store.columns[1].foreign_key.properties["deferred"] == "true"
    assert "closes a circle of required keys" in store.warnings[0]
    with pytest.raises(faults.RequiredCycle):
        imported(CIRCLE.format(" REFERENCES staff (id)"))


def test_words_behind_a_check_are_told() -> None:
    """No property keeps them: an export leaves them out."""
    made = imported("CREATE TABLE t (a INT CHECK (a > 0) NOT VALID, b INT, CONSTRAINT c CHECK (b > 1) NO INHERIT)")
    assert made.tables[0].warnings == [
        "Table 't': NOT VALID behind a constraint is left out.",
        "Table 't': NO INHERIT behind a constraint is left out.",
    ]


def test_a_check_that_no_cell_is_made_by_is_told() -> None:
    """Rows that break it would be a surprise where the warehouse enforces it."""
    sql = """CREATE TABLE t (price DECIMAL(5,2) CHECK (price > 100000), mail VARCHAR(40) CHECK (mail LIKE '%@x.com'),
        age INT CHECK (age BETWEEN 18 AND 99), a INT, b INT, CHECK (a < b AND a > 0))"""
    told = [d.message for d in import_sql(SqlImport("shop", sql)).diagnostics if d.code == "CHECK_KEPT_AS_TEXT"]
    assert len(told) == 3
    assert [word in " ".join(told) for word in ("100000", "LIKE", "a < b", "BETWEEN")] == [True, True, True, False]


def test_a_type_that_the_text_does_not_define_is_read_as_text_and_told() -> None:
    """Types of extensions and of other files are the user's, and their table is not lost for them."""
    sql = "CREATE TABLE t (a INT, b shop.mood NOT NULL, c us_postal_code(5))"
    made = imported(sql, Dialect.POSTGRES).tables[0]
    assert [(column.data_type, column.source_type, column.required) for column in made.columns[1:]] == [
        ("VARCHAR", "shop.mood", True),
        ("VARCHAR", "us_postal_code(5)", False),
    ]
    told = "Column 'b' of table 't': the text does not define type shop.mood; it is read as VARCHAR."
    assert made.warnings[0] == told


@pytest.mark.parametrize(
    ("dialect", "name"),
    [(Dialect.POSTGRES, "INTEGR"), (Dialect.POSTGRES, "VARCHR(10)"), (Dialect.REDSHIFT, "mood")],
)
def test_a_slip_and_a_type_that_nobody_can_define_are_refused(dialect: Dialect, name: str) -> None:
    """A warehouse without types of users has none that another file defines."""
    with pytest.raises(faults.InvalidSql, match="is not a type"):
        imported(f"CREATE TABLE t (a INT, b {name})", dialect)


@pytest.mark.parametrize("key", ["DISTKEY (b)", "COMPOUND SORTKEY (a, b)"])
def test_a_property_that_names_no_column_is_refused(key: str) -> None:
    """The warehouse refuses it too, and a stand-in should not be kinder."""
    with pytest.raises(faults.InvalidSql, match="t has no column 'b'"):
        imported(f"CREATE TABLE t (a INT) {key}")
    assert imported("CREATE TABLE t (a INT) SORTKEY AUTO").tables[0].properties["sortkey"] == "AUTO"


def test_long_chains_and_many_circles_are_read_in_no_time() -> None:
    """Looking at every other table for each one takes a minute for two thousand."""
    chain = "".join(
        f"CREATE TABLE t{i} (id INT PRIMARY KEY, above INT NOT NULL REFERENCES t{i - 1} (id));" for i in range(1, 1000)
    )
    circles = "".join(
        f"CREATE TABLE a{i} (id INT PRIMARY KEY, b INT NOT NULL);"
        f"CREATE TABLE b{i} (id INT PRIMARY KEY, a INT NOT NULL REFERENCES a{i} (id));"
        f"ALTER TABLE a{i} ADD FOREIGN KEY (b) REFERENCES b{i} (id);"
        for i in range(500)
    )
    begin = time.process_time()
    tables = imported("CREATE TABLE t0 (id INT PRIMARY KEY);" + chain + circles).tables
    assert len(tables) == 2000
    keys = [column.foreign_key for table in tables for column in table.columns if column.foreign_key]
    assert sum("deferred" in key.properties for key in keys) == 500
    assert time.process_time() - begin < 5


def test_copies_take_what_they_ask_for() -> None:
    """LIKE in brackets takes no keys; CLONE takes all."""
    sql = "CREATE TABLE a (id INT PRIMARY KEY, n INT DEFAULT 1);"
    copied = imported(sql + "CREATE TABLE b (LIKE a, more INT); CREATE TABLE c (LIKE a INCLUDING DEFAULTS);").tables
    assert [column.name for column in copied[1].columns] == ["id", "n", "more"]
    assert copied[1].primary_key == []
    assert copied[1].columns[0].required
    assert ["default" in table.columns[1].properties for table in copied[1:]] == [False, True]
    assert imported(sql + "CREATE TABLE d CLONE a", Dialect.SNOWFLAKE).tables[1].primary_key == ["ID"]


def test_a_default_of_megabytes_is_read_in_no_time() -> None:
    """Looking for a sequence in a default must not take the square of its length."""
    begun = time.perf_counter()
    imported(f"CREATE TABLE t (a VARCHAR(10) DEFAULT '{'x' * 1_000_000}')")
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize(
    ("default", "start", "step"),
    [
        ("nextval('q')", 7, 3),
        ("nextval('s.q'::regclass)", 7, 3),
        ("q.NEXTVAL", 7, 3),
        ("NEXT VALUE FOR q", 7, 3),
        ("nextval('unknown')", 1, 1),
    ],
)
def test_a_default_that_takes_numbers_of_a_sequence_counts_as_the_sequence_does(
    default: str, start: int, step: int
) -> None:
    """Dumps write every serial column so, the sequence before or behind the table."""
    sql = f"CREATE TABLE t (id INT DEFAULT {default}); CREATE SEQUENCE q START WITH 7 INCREMENT BY 3"
    rule = imported(sql, Dialect.POSTGRES).tables[0].columns[0].rule
    assert rule is not None
    assert rule.sequence is not None
    assert (rule.sequence.start, rule.sequence.step) == (start, step)


@pytest.mark.parametrize("name", ["q", "Q", "s.q", '"Q"', 'db.s."Q"'])
def test_a_sequence_is_found_as_the_warehouse_folds_its_name(name: str) -> None:
    """Numbers from 1 on instead of those that the DDL says would be wrong without a word."""
    sql = f"CREATE SEQUENCE q START 7 INCREMENT 3; CREATE TABLE t (id INT DEFAULT {name}.nextval)"
    rule = imported(sql, Dialect.SNOWFLAKE).tables[0].columns[0].rule
    assert rule is not None
    assert rule.sequence is not None
    assert (rule.sequence.start, rule.sequence.step) == (7, 3)
