"""Made-up and mutated DDL for fuzz tests: hypothesis strategies."""

import re

from hypothesis import strategies as st

from schema_svc.core.ddl.scan import Text
from schema_svc.core.vocabulary import Dialect
from tests.golden.ddl_goldens import TEXTS, order_of

DIALECTS = (Dialect.REDSHIFT, Dialect.SNOWFLAKE, Dialect.POSTGRES)
PIECES = (
    "CREATE TABLE t", "CREATE TABLE", "CREATE SCHEMA s", "(", ")", ",", ";", "a INT", "b VARCHAR(10)", "PRIMARY KEY",
    "REFERENCES t", "NOT NULL", "DEFAULT", "'x'", "'", '"', "$$", "/*", "*/", "--", "//", "\n", "CHECK",
    "IDENTITY(1,1)",
    "SORTKEY", "FOREIGN KEY", "UNIQUE", "[", "]", "{{x}}", "{%", "%}", "{#", "ALTER TABLE t ADD",
    "COMMENT ON TABLE t IS",
    "CREATE VIEW v AS", "DISTKEY", "ENCODE", "GENERATED ALWAYS AS", "=", ".", "1", "-", "START WITH", "MATCH",
    "ON DELETE",
    "é", "\x00", "LIKE t", "CLONE t", "INHERITS (t)", "PARTITION OF t", "IDENTIFIER(", "E'\\", "::",
    "\\copy t", "AS SELECT",
    "WITH (", "TAG (", "CREATE TYPE e AS ENUM ('a')", "CREATE DOMAIN d AS", "CREATE UNIQUE INDEX i ON t (a)",
    "USE SCHEMA s",
    "CREATE SEQUENCE q", "DROP TABLE t", "RENAME TO", "DROP COLUMN a", "ALTER COLUMN a TYPE", "INTERVAL",
    "ARRAY(", "<", ">",
)  # fmt: skip
FRAGMENTS = re.compile(r"\s+|\w+|[^\w\s]")
GOLDEN = tuple(
    (order.dialect, tuple(order.sql[s.start : s.end] for s in Text(order.sql, order.dialect).statements()))
    for order in map(order_of, TEXTS)
)

NAMES = st.sampled_from(
    ["a", "b", "c", "t", "u", '"Quoted"', '"sel""ect"', "@schema", "{{x}}", "${y}", "größe", "_row_id"]
)
TYPES = st.sampled_from(
    ["INT", "BIGINT", "VARCHAR(10)", "NUMERIC(10,2)", "NUMBER(38,0)", "DATE", "TIMESTAMP WITH TIME ZONE",
     "SUPER", "TEXT[]",
     "ARRAY(INT)", "DOUBLE PRECISION", "VARCHR", "INTERVAL DAY TO SECOND", "CHAR", "t", "FLOAT(70)"]
)  # fmt: skip
CLAUSES = st.sampled_from(
    ["NOT NULL", "NULL", "PRIMARY KEY", "UNIQUE", "DEFAULT 1", "DEFAULT 'x;'", "DEFAULT nextval('q')", "IDENTITY(1,1)",
     "REFERENCES t", "REFERENCES u (a) ON DELETE CASCADE", "CHECK (a > 0)", "CHECK (b IN ('x', 'y'))", "ENCODE zstd",
     "SORTKEY", "DISTKEY", "COMMENT 'c'", "COLLATE 'en'", "GENERATED ALWAYS AS (a + 1) STORED", "WITH TAG (a = 'b')"]
)  # fmt: skip
ENDS = st.sampled_from(
    ["", "DISTSTYLE ALL", "SORTKEY (a)", "CLUSTER BY (a)", "COMMENT = 'x'", "WITH (fillfactor = 1)", "INHERITS (t)",
     "PARTITION BY RANGE (a)", "DATA_RETENTION_TIME_IN_DAYS = 1", "AS SELECT 1", "OPTIONS unknown"]
)  # fmt: skip
OTHERS = st.sampled_from(
    ["ALTER TABLE t ADD PRIMARY KEY (a)", "ALTER TABLE t DROP COLUMN a", "ALTER TABLE t RENAME TO u", "DROP TABLE t",
     "ALTER TABLE u ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a)", "COMMENT ON COLUMN t.a IS 'x'", "USE SCHEMA s",
     "CREATE VIEW v (x) AS SELECT a FROM t", "CREATE UNIQUE INDEX i ON t (a)", "CREATE SEQUENCE q START 5",
     "INSERT INTO t",
     "CREATE TABLE b LIKE t", "CREATE TABLE c (LIKE t INCLUDING ALL)", "CREATE TYPE t AS ENUM ('x')", "SELECT ';'"]
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A CREATE TABLE that is well formed, if not always meaningful."""
    columns = draw(
        st.lists(
            st.tuples(NAMES, TYPES, st.lists(CLAUSES, max_size=3).map(" ".join)).map(" ".join), min_size=1, max_size=5
        )
    )
    return f"CREATE TABLE {draw(NAMES)} ({', '.join(columns)}) {draw(ENDS)}"


WELL_FORMED = st.lists(st.one_of(tables(), OTHERS), min_size=1, max_size=6)
"""Statements without their semicolons."""
PASTED = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
"""Anything that people paste."""


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Dialect]:
    """Some statements of a golden text with a few things gone wrong."""
    dialect, statements = draw(st.sampled_from(GOLDEN))
    begin = draw(st.integers(0, len(statements) - 1))
    text = ";\n".join(statements[begin : begin + draw(st.integers(1, 4))]) + ";"
    parts = FRAGMENTS.findall(text)
    for change in draw(st.lists(st.sampled_from(["delete", "double", "swap", "insert", "cut", "noise"]), max_size=6)):
        _change(draw, change, parts)
    return "".join(parts), dialect


def _change(draw: st.DrawFn, change: str, parts: list[str]) -> None:
    if not parts:
        return
    at = draw(st.integers(0, len(parts) - 1))
    if change == "delete":
        del parts[at]
    elif change == "double":
        parts.insert(at, parts[at])
    elif change == "swap":
        other = draw(st.integers(0, len(parts) - 1))
        parts[at], parts[other] = parts[other], parts[at]
    elif change == "insert":
        parts.insert(at, f" {draw(st.sampled_from(PIECES))} ")
    elif change == "cut":
        del parts[at : at + draw(st.integers(1, 30))]
    else:
        parts.insert(at, draw(st.text(max_size=3)))
