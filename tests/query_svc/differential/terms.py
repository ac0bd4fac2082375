"""Random expressions that Redshift and DuckDB agree on, written in both dialects; tables for what each type has."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

INT, DEC, TEXT, DATE, STAMP, BOOL = "int", "dec", "text", "date", "stamp", "bool"
ORDERED = (INT, DEC, TEXT, DATE, STAMP)


class Term(NamedTuple):
    """An expression in Redshift's dialect and in DuckDB's."""

    redshift: str
    duck: str


class Form(NamedTuple):
    """How an expression is made of others: text with `{0}`, `{1}` …, the types that it takes, DuckDB's if other."""

    redshift: str
    takes: Sequence[str]
    duck: str = ""


FORMS: Mapping[str, Sequence[Form]] = {
    INT: (
        Form("({0} + {1})", (INT, INT)),
        Form("({0} - {1})", (INT, INT)),
        Form("({0} * {1} % 1000)", (INT, INT)),
        Form("({0} / 7)", (INT,)),
        Form("({0} / NULLIF({1}, 0))", (INT, INT)),
        Form("({0} % 5)", (INT,)),
        Form("MOD({0}, 11)", (INT,)),
        Form("ABS({0})", (INT,)),
        Form("SIGN({0})", (INT,), "CAST(SIGN({0}) AS BIGINT)"),
        Form("LEN({0})", (TEXT,), "LENGTH({0})"),
        Form("STRPOS({0}, 'a')", (TEXT,)),
        Form("COALESCE({0}, {1})", (INT, INT)),
        Form("NVL({0}, 0)", (INT,), "COALESCE({0}, 0)"),
        Form("NULLIF({0}, {1})", (INT, INT)),
        Form("GREATEST({0}, {1})", (INT, INT)),
        Form("LEAST({0}, {1}, 3)", (INT, INT)),
        Form("CASE WHEN {0} THEN {1} ELSE {2} END", (BOOL, INT, INT)),
        Form("CASE {0} WHEN 1 THEN {1} WHEN 2 THEN -1 END", (INT, INT)),
        Form(
            "DECODE({0}, 1, 10, 2, 20, NULL, 0, 5)",
            (INT,),
            "CASE WHEN {0} = 1 THEN 10 WHEN {0} = 2 THEN 20 WHEN {0} IS NULL THEN 0 ELSE 5 END",
        ),
        Form("EXTRACT(year FROM {0})", (DATE,)),
        Form("DATE_PART(month, {0})", (STAMP,), "DATE_PART('month', {0})"),
        Form("EXTRACT(dow FROM {0})", (DATE,)),
        Form("DATEDIFF(day, {0}, {1})", (DATE, DATE), "DATE_DIFF('day', {0}, {1})"),
        Form("DATEDIFF(month, {0}, {1})", (STAMP, STAMP), "DATE_DIFF('month', {0}, {1})"),
        Form("DATEDIFF(hour, {0}, {1})", (STAMP, STAMP), "DATE_DIFF('hour', {0}, {1})"),
        Form("({0} - {1})", (DATE, DATE)),
        Form("FLOOR({0})::BIGINT", (DEC,)),
    ),
    DEC: (
        Form("({0} + {1})", (DEC, DEC)),
        Form("({0} - {1})", (DEC, DEC)),
        Form("({0} * 3)", (DEC,)),
        Form("-({0})", (DEC,)),
        Form("ABS({0})", (DEC,)),
        Form("ROUND({0}, 1)", (DEC,)),
        Form("CEIL({0})", (DEC,)),
        Form("COALESCE({0}, {1}, 0)", (DEC, DEC)),
        Form("CASE WHEN {0} THEN {1} ELSE {2} END", (BOOL, DEC, DEC)),
        Form("GREATEST({0}, {1})", (DEC, DEC)),
        Form("CAST({0} AS DECIMAL(14,2))", (INT,)),
    ),
    TEXT: (
        Form("UPPER({0})", (TEXT,)),
        Form("LOWER({0})", (TEXT,)),
        Form("({0} || '-' || {1})", (TEXT, TEXT)),
        Form("SUBSTRING({0}, 2, 3)", (TEXT,)),
        Form("LEFT({0}, 2)", (TEXT,)),
        Form("RIGHT({0}, 2)", (TEXT,)),
        Form("REPLACE({0}, 'a', 'bb')", (TEXT,)),
        Form("REVERSE({0})", (TEXT,)),
        Form("LPAD({0}, 5, '*')", (TEXT,)),
        Form("COALESCE({0}, {1}, 'none')", (TEXT, TEXT)),
        Form("NULLIF({0}, 'paid')", (TEXT,)),
        Form("NVL2({0}, 'y', {1})", (INT, TEXT), "CASE WHEN {0} IS NOT NULL THEN 'y' ELSE {1} END"),
        Form("CASE WHEN {0} THEN {1} ELSE {2} END", (BOOL, TEXT, TEXT)),
        Form("CAST({0} AS VARCHAR(30))", (INT,)),
        Form("TO_CHAR({0}, 'YYYY-MM')", (DATE,), "STRFTIME({0}, '%Y-%m')"),
    ),
    DATE: (
        Form("({0} + 3)", (DATE,)),
        Form("({0} - 45)", (DATE,)),
        Form("LAST_DAY({0})", (DATE,)),
        Form("CAST({0} AS DATE)", (STAMP,)),
        Form("TRUNC({0})", (STAMP,), "CAST({0} AS DATE)"),
        Form("COALESCE({0}, {1})", (DATE, DATE)),
        Form("LEAST({0}, {1})", (DATE, DATE)),
    ),
    STAMP: (
        Form("DATE_TRUNC('month', {0})", (STAMP,)),
        Form("DATE_TRUNC('week', {0})", (STAMP,)),
        Form("DATEADD(day, {0} % 100, {1})", (INT, STAMP), "({1} + INTERVAL 1 DAY * ({0} % 100))"),
        Form("DATEADD(month, 1, {0})", (STAMP,), "({0} + INTERVAL 1 MONTH)"),
        Form("DATEADD(hour, -30, {0})", (STAMP,), "({0} - INTERVAL 30 HOUR)"),
        Form("COALESCE({0}, {1})", (STAMP, STAMP)),
    ),
    BOOL: (
        *(Form(f"({{0}} {sign} {{1}})", (kind, kind)) for kind in ORDERED for sign in ("=", "<>", "<", ">=")),
        Form("({0} BETWEEN {1} AND {2})", (INT, INT, INT)),
        Form("({0} IN (1, {1}, 7))", (INT, INT)),
        Form("({0} NOT IN ('paid', 'DE'))", (TEXT,)),
        Form("({0} IS NULL)", (TEXT,)),
        Form("({0} IS NOT NULL)", (DATE,)),
        Form("({0} LIKE '%a%')", (TEXT,)),
        Form("({0} LIKE 'a\\\\_%')", (TEXT,), "({0} LIKE 'a\\_%' ESCAPE '\\')"),
        Form("({0} ILIKE 'p%')", (TEXT,)),
        Form("({0} AND {1})", (BOOL, BOOL)),
        Form("({0} OR {1})", (BOOL, BOOL)),
        Form("(NOT {0})", (BOOL,)),
    ),
}
LITERALS: Mapping[str, Sequence[str]] = {
    INT: ("0", "1", "-3", "12"),
    DEC: ("0.50", "-12.25", "100.00"),
    TEXT: ("'paid'", "'it''s'", "''", "'DE'"),
    DATE: ("DATE '2024-02-29'", "DATE '2023-12-31'"),
    STAMP: ("TIMESTAMP '2024-01-31 10:00:00'",),
    BOOL: ("TRUE", "FALSE"),
}
SUMS: Sequence[tuple[str, str, str]] = (
    ("COUNT(*)", INT, INT),
    ("COUNT({0})", TEXT, INT),
    ("COUNT(DISTINCT {0})", INT, INT),
    ("SUM({0})", INT, INT),
    ("SUM({0})", DEC, DEC),
    ("MIN({0})", DATE, DATE),
    ("MAX({0})", DEC, DEC),
    ("MIN({0})", TEXT, TEXT),
    ("MAX({0})", INT, INT),
    ("SUM(CASE WHEN {0} THEN 1 ELSE 0 END)", BOOL, INT),
)
"""Aggregates: text, type that it takes, type that it makes."""
Columns = Mapping[str, Sequence[str]]


@st.composite
def terms(draw: st.DrawFn, kind: str, columns: Columns, depth: int = 2) -> Term:
    """An expression of a type over columns by type."""
    known = columns.get(kind, ())
    what = draw(st.sampled_from(["form"] * 2 * (depth > 0) + ["column"] * 3 * bool(known) + ["literal"]))
    if what == "literal":
        text = draw(st.sampled_from(LITERALS[kind]))
        return Term(text, text)
    if what == "column":
        text = draw(st.sampled_from(known))
        return Term(text, text)
    form = draw(st.sampled_from(FORMS[kind]))
    return filled(form, [draw(terms(taken, columns, depth - 1)) for taken in form.takes])


def filled(form: Form, inner: Sequence[Term]) -> Term:
    """A form with its parts."""
    return Term(
        form.redshift.format(*(term.redshift for term in inner)),
        (form.duck or form.redshift).format(*(term.duck for term in inner)),
    )


def aggregates(columns: Columns) -> SearchStrategy[tuple[str, Term]]:
    """An aggregate, and its type."""

    @st.composite
    def made(draw: st.DrawFn) -> tuple[str, Term]:
        text, takes, kind = draw(st.sampled_from(SUMS))
        return kind, filled(Form(text, (takes,)), [draw(terms(takes, columns, 1))])

    return made()
