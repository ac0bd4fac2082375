"""Random SELECTs in both dialects: joins, groups, windows, set operations, subqueries, ordered to the last row."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from tests.query_svc.differential.terms import (
    BOOL,
    DATE,
    DEC,
    INT,
    ORDERED,
    STAMP,
    TEXT,
    Columns,
    Form,
    Term,
    aggregates,
    filled,
    terms,
)

CUSTOMERS: Columns = {
    INT: ["c.customer_id"],
    TEXT: ["c.name", "c.country"],
    DATE: ["c.born"],
    BOOL: ["c.vip"],
    DEC: ["c.balance"],
}
ORDERS: Columns = {
    INT: ["o.order_id", "o.buyer_id"],
    TEXT: ["o.status"],
    STAMP: ["o.placed", "o.sent"],
    DEC: ["o.fee"],
}
LINES: Columns = {INT: ["l.line_id", "l.of_order", "l.quantity"], DEC: ["l.price"], DATE: ["l.due"]}


class Source(NamedTuple):
    """What a SELECT reads: FROM, its columns by type, the columns that tell its rows apart."""

    text: str
    columns: Columns
    keys: Sequence[str]


def _with(*columns: Columns) -> Columns:
    return {kind: [name for some in columns for name in some.get(kind, ())] for kind in (*ORDERED, BOOL)}


SOURCES = (
    Source("customers c", CUSTOMERS, ["c.customer_id"]),
    Source("orders o", ORDERS, ["o.order_id"]),
    Source("lines l", LINES, ["l.line_id"]),
    *(
        Source(f"customers c {side} JOIN orders o ON o.buyer_id = c.customer_id", _with(CUSTOMERS, ORDERS), keys)
        for side, keys in [
            ("INNER", ["o.order_id"]),
            ("LEFT", ["c.customer_id", "o.order_id"]),
            ("RIGHT", ["o.order_id"]),
            ("FULL", ["c.customer_id", "o.order_id"]),
        ]
    ),
    Source(
        "orders o JOIN lines l ON l.of_order = o.order_id LEFT JOIN customers c ON c.customer_id = o.buyer_id"
        " AND c.vip",
        _with(CUSTOMERS, ORDERS, LINES),
        ["l.line_id"],
    ),
    Source(
        "(SELECT of_order, COUNT(*) AS line_id, SUM(quantity) AS quantity, MAX(price) AS price, MIN(due) AS due"
        " FROM lines GROUP BY of_order) l",
        LINES,
        ["l.of_order"],
    ),
)
WINDOWS: Sequence[tuple[str, str, str]] = (
    ("ROW_NUMBER() OVER ({1})", INT, INT),
    ("RANK() OVER ({1})", INT, INT),
    ("SUM({0}) OVER ({1} ROWS UNBOUNDED PRECEDING)", DEC, DEC),
    ("SUM({0}) OVER ({1} ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)", INT, INT),
    ("COUNT({0}) OVER ({2})", TEXT, INT),
    ("MAX({0}) OVER ({2})", DEC, DEC),
    ("LAG({0}) OVER ({1})", TEXT, TEXT),
    ("LEAD({0}, 2) OVER ({1})", DATE, DATE),
    ("FIRST_VALUE({0}) OVER ({1} ROWS UNBOUNDED PRECEDING)", TEXT, TEXT),
    ("NTILE(3) OVER ({1})", INT, INT),
)
"""Window functions: text with the argument, the ordered window and the whole one, types taken and made."""
SUBQUERIES: Mapping[str, Sequence[Form]] = {
    INT: (
        Form("({0} IN (SELECT buyer_id FROM orders WHERE fee > 20))", (INT,)),
        Form("EXISTS (SELECT 1 FROM lines x WHERE x.of_order = {0})", (INT,)),
        Form("({0} < (SELECT AVG(quantity) FROM lines))", (INT,), "({0} < (SELECT TRUNC(AVG(quantity)) FROM lines))"),
    ),
    DEC: (Form("({0} >= (SELECT MIN(balance) FROM customers))", (DEC,)),),
    TEXT: (Form("({0} NOT IN (SELECT status FROM orders WHERE status IS NOT NULL))", (TEXT,)),),
}


class Query(NamedTuple):
    """A statement in both dialects."""

    redshift: str
    duck: str


@st.composite
def heads(draw: st.DrawFn, source: Source, kind: str) -> Term:
    """A result column: an expression or a window."""
    fitting = [window for window in WINDOWS if window[2] == kind]
    if not fitting or draw(st.integers(0, 3)):
        return draw(terms(kind, source.columns))
    text, takes, _ = draw(st.sampled_from(fitting))
    some = [name for kind in (TEXT, BOOL) for name in source.columns.get(kind, ())] or [source.keys[0]]
    by = f"PARTITION BY {draw(st.sampled_from(some))}"
    order = draw(st.sampled_from(["", " DESC"]))
    keys = ", ".join(f"{key}{order}" for key in source.keys)
    return filled(
        Form(text.replace("{1}", f"{by} ORDER BY {keys}").replace("{2}", by), (takes,)),
        [draw(terms(takes, source.columns, 1))],
    )


@st.composite
def filters(draw: st.DrawFn, columns: Columns, word: str) -> Term:
    """A WHERE, or nothing."""
    what = draw(st.integers(0, 3))
    if what == 0:
        return Term("", "")
    condition = draw(terms(BOOL, columns))
    if what == 1:
        kind = draw(st.sampled_from([kind for kind in SUBQUERIES if columns.get(kind)]))
        condition = filled(draw(st.sampled_from(SUBQUERIES[kind])), [draw(terms(kind, columns, 1))])
    return Term(f" {word} {condition.redshift}", f" {word} {condition.duck}")


def _joined(texts: Sequence[Term], between: str = ", ") -> Term:
    return Term(between.join(text.redshift for text in texts), between.join(text.duck for text in texts))


def _named(heads: Sequence[Term]) -> Term:
    return _joined([Term(f"{h.redshift} AS r{n}", f"{h.duck} AS r{n}") for n, h in enumerate(heads, start=1)])


def _select(head: Term, source: Source, tail: Term, distinct: str = "") -> Term:
    return Term(
        f"SELECT {distinct}{head.redshift} FROM {source.text}{tail.redshift}",
        f"SELECT {distinct}{head.duck} FROM {source.text}{tail.duck}",
    )


@st.composite
def plain(draw: st.DrawFn, kinds: Sequence[str]) -> Term:
    """A SELECT without groups."""
    source = draw(st.sampled_from(SOURCES))
    made = [draw(heads(source, kind)) for kind in kinds]
    distinct = draw(st.sampled_from(["", "", "DISTINCT "]))
    return _select(_named(made), source, draw(filters(source.columns, "WHERE")), distinct)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[int, Term]:
    """A SELECT with groups, and its number of columns."""
    source = draw(st.sampled_from(SOURCES))
    keys = [draw(terms(kind, source.columns, 1)) for kind in draw(st.lists(st.sampled_from(ORDERED), max_size=2))]
    keys = [key for key in keys if any(mark in key.redshift for mark in ("c.", "o.", "l."))]
    sums = [draw(aggregates(source.columns)) for _ in range(draw(st.integers(1, 3)))]
    tail = draw(filters(source.columns, "WHERE"))
    if keys:
        numbers = ", ".join(str(n) for n in range(1, len(keys) + 1))
        tail = Term(f"{tail.redshift} GROUP BY {numbers}", f"{tail.duck} GROUP BY {numbers}")
    if draw(st.booleans()):
        least = draw(st.sampled_from(["COUNT(*) > 1", "COUNT(*) >= 3"]))
        tail = Term(f"{tail.redshift} HAVING {least}", f"{tail.duck} HAVING {least}")
    made = [*keys, *(term for _, term in sums)]
    return len(made), _select(_named(made), source, tail)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """A statement whose rows have one order."""
    what = draw(st.sampled_from(["plain", "plain", "grouped", "set", "with"]))
    if what == "grouped":
        width, body = draw(grouped())
    else:
        kinds = draw(st.lists(st.sampled_from(ORDERED), min_size=1, max_size=3))
        width, body = len(kinds), draw(plain(kinds))
        if what == "set":
            word = draw(st.sampled_from(["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]))
            body = _joined([body, draw(plain(kinds))], f" {word} ")
        if what == "with":
            body = Term(f"WITH w AS ({body.redshift}) SELECT * FROM w", f"WITH w AS ({body.duck}) SELECT * FROM w")
    way = draw(st.sampled_from(["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]))
    order = " ORDER BY " + ", ".join(f"{n}{way}" for n in range(1, width + 1))
    limit = draw(st.sampled_from(["", "", " LIMIT 7", " LIMIT 5 OFFSET 2"]))
    return Query(f"{body.redshift}{order}{limit}", f"{body.duck}{order}{limit}")
