"""SQL types: every dialect's names, and what they mean to the mesh."""

import pytest

from schema_svc.core.type_names import DIALECT_TYPES, GENERIC
from schema_svc.core.types import UnreadableType, read_type
from schema_svc.core.vocabulary import Dialect, TypeKind

R, S, P, ANY = Dialect.REDSHIFT, Dialect.SNOWFLAKE, Dialect.POSTGRES, Dialect.NAME_UNSPECIFIED


@pytest.mark.parametrize(
    ("dialect", "text", "document", "kind"),
    [
        (R, "integer", "INT", TypeKind.INT32),
        (R, "INT8", "BIGINT", TypeKind.INT64),
        (R, "double  precision", "FLOAT", TypeKind.FLOAT64),
        (R, "float(24)", "REAL", TypeKind.FLOAT32),
        (R, "numeric", "DECIMAL(18,0)", TypeKind.DECIMAL),
        (R, "NUMERIC(12)", "DECIMAL(12,0)", TypeKind.DECIMAL),
        (R, "varchar(max)", "VARCHAR(65535)", TypeKind.STRING),
        (R, "TEXT", "VARCHAR(256)", TypeKind.STRING),
        (R, "character varying(30)", "VARCHAR(30)", TypeKind.STRING),
        (R, "timestamp without time zone", "TIMESTAMP", TypeKind.TIMESTAMP),
        (R, "timestamp(6) with time zone", "TIMESTAMPTZ", TypeKind.TIMESTAMP_TZ),
        (R, "SUPER", "SUPER", TypeKind.JSON),
        (R, "NUMBER(38,0)", "BIGINT", TypeKind.INT64),
        (S, "NUMBER(38,0)", "BIGINT", TypeKind.INT64),
        (S, "NUMBER", "BIGINT", TypeKind.INT64),
        (S, "NUMBER(4,0)", "DECIMAL(4,0)", TypeKind.DECIMAL),
        (S, "NUMERIC(10,2)", "DECIMAL(10,2)", TypeKind.DECIMAL),
        (S, "int", "INT", TypeKind.INT64),
        (S, "STRING", "VARCHAR", TypeKind.STRING),
        (S, "TIMESTAMP_NTZ(9)", "TIMESTAMP", TypeKind.TIMESTAMP),
        (S, "ARRAY", "ARRAY", TypeKind.JSON),
        (S, "ARRAY(NUMBER NOT NULL)", "ARRAY(BIGINT)", TypeKind.ARRAY),
        (S, "VECTOR(FLOAT, 256)", "VECTOR(FLOAT, 256)", TypeKind.VECTOR),
        (P, "bytea", "BYTEA", TypeKind.BINARY),
        (P, "text[]", "ARRAY(VARCHAR)", TypeKind.ARRAY),
        (P, "integer ARRAY[4]", "ARRAY(INT)", TypeKind.ARRAY),
        (P, "money", "DECIMAL(19,2)", TypeKind.DECIMAL),
        (P, "bit varying(5)", "VARCHAR(5)", TypeKind.STRING),
        (P, "inet", "VARCHAR(43)", TypeKind.STRING),
        (P, "tsvector", "VARCHAR", TypeKind.STRING),
        (P, "int4range", "VARCHAR", TypeKind.STRING),
        (P, "hstore", "JSON", TypeKind.JSON),
        (P, "oid", "BIGINT", TypeKind.INT64),
        (R, "name", "VARCHAR(63)", TypeKind.STRING),
        (S, "DECFLOAT", "FLOAT", TypeKind.FLOAT64),
        (S, "INTERVAL DAY (2) TO SECOND (3)", "INTERVAL DAY TO SECOND", TypeKind.INTERVAL),
        (R, "INTERVAL YEAR", "INTERVAL YEAR", TypeKind.INTERVAL),
        (ANY, "INT", "INT", TypeKind.INT32),
        (ANY, "FLOAT", "FLOAT", TypeKind.FLOAT64),
        (ANY, "VARCHAR", "VARCHAR", TypeKind.STRING),
        (ANY, "DATE", "DATE", TypeKind.DATE),
    ],
)
def test_a_type_means_what_its_dialect_says(dialect: Dialect, text: str, document: str, kind: TypeKind) -> None:
    """A type read wrongly gives data that the real warehouse refuses."""
    read = read_type(text, dialect)
    assert (read.data_type, read.logical.kind) == (document, kind)


@pytest.mark.parametrize("dialect", [ANY, R, S, P])
def test_normalising_a_type_twice_changes_nothing(dialect: Dialect) -> None:
    """An experiment that is read and stored again must stay equal."""
    for name in DIALECT_TYPES.get(dialect, GENERIC):
        once = read_type("VECTOR(FLOAT, 8)" if name == "VECTOR" else name, dialect)
        assert read_type(once.data_type, dialect) == once


def test_the_length_beside_a_bare_text_type_counts_and_the_type_stays_as_written() -> None:
    """The JSON format says varchar_length beside VARCHAR."""
    read = read_type("VARCHAR", ANY, 40)
    assert (read.data_type, read.logical.length) == ("VARCHAR", 40)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("INTT", "INT"),
        ("VARCHAR(0)", "1 to 65535"),
        ("VARCHAR(70000)", "1 to 65535"),
        ("NUMERIC(39)", "1 to 38"),
        ("NUMERIC(5,6)", "scale 0 to precision"),
        ("HLLSKETCH", "leave the column out"),
        ("INT(a)", "INT"),
        ("VECTOR(FLOAT)", "VECTOR(FLOAT, 256)"),
        ("", "INT or VARCHAR"),
        ("(" * 300, "INT or VARCHAR"),
    ],
)
def test_a_type_that_cannot_be_read_says_what_would_be_right(text: str, hint: str) -> None:
    """Whoever wrote it should not need the manual."""
    with pytest.raises(UnreadableType) as caught:
        read_type(text, R)
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["NCHAR(5)ARRAY", "NCHAR(5) ARRAY", "NCHAR(5)\tARRAY[3]", "NCHAR(5)[]"])
def test_an_array_is_read_with_or_without_a_blank(text: str) -> None:
    """A tail that is not taken off would be read for ever."""
    assert read_type(text, P).data_type == "ARRAY(CHAR(5))"


def test_arrays_of_arrays_end_somewhere() -> None:
    """Types are read recursively: the longest text bounds the depth."""
    assert read_type("ARRAY(" * 70 + "INT" + ")" * 70, R).logical.kind is TypeKind.ARRAY
    with pytest.raises(UnreadableType):
        read_type("ARRAY(" * 100 + "INT" + ")" * 100, R)
