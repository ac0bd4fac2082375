"""Expressions of rules: what is the same on every machine passes, all else is refused with what to do instead."""

import pytest

from dwsim_wire.expression import RefusedExpression, read_expression

KNOWN = ("quantity", "unit_price", "Status", "created_at", "order")


@pytest.mark.parametrize(
    ("text", "sql", "columns"),
    [
        ("round(quantity * unit_price, 2)", 'ROUND("quantity" * "unit_price", 2)', ("quantity", "unit_price")),
        ("status = 'shipped'", "\"Status\" = 'shipped'", ("Status",)),
        ('"order" + 1', '"order" + 1', ("order",)),
        ("QUANTITY /* twice */ * quantity", '"quantity" * "quantity"', ("quantity",)),
        ("created_at + interval 3 day", "\"created_at\" + INTERVAL '3' DAY", ("created_at",)),
        ("status in ('a', 'b') and not quantity between 1 and 2", None, ("Status", "quantity")),
        ("case when quantity is null then 0 else quantity end", None, ("quantity",)),
        ("coalesce(quantity, 0) % 7 // 2", None, ("quantity",)),
        ("upper(left(status, 1)) || lpad(cast(quantity as varchar), 6, '0')", None, ("Status", "quantity")),
        ("cast(unit_price as decimal(12, 4))", None, ("unit_price",)),
        ("extract(year from created_at) * 100 + month(created_at)", None, ("created_at",)),
        ("date_trunc('month', created_at)", None, ("created_at",)),
        ("date_diff('day', created_at, date '2030-01-01')", None, ("created_at",)),
        ("greatest(abs(quantity), sqrt(2))", None, ("quantity",)),
        ("1 + 1", "1 + 1", ()),
    ],
)
def test_scalar_sql_is_taken(text: str, sql: str | None, columns: tuple[str, ...]) -> None:
    """Names are bound whatever their case, comments are gone: what runs is what was checked."""
    found = read_expression(text, KNOWN)
    assert found.columns == columns
    assert sql in {None, found.sql}
    assert "/*" not in found.sql


@pytest.mark.parametrize(
    "text",
    [
        "random()",
        "uuid()",
        "now()",
        "current_date",
        "current_timestamp",
        "age(created_at)",
        "nextval('s')",
        "count(*)",
        "sum(quantity)",
        "row_number() over ()",
        "lag(quantity) over (order by quantity)",
        "(select 1)",
        "select quantity",
        "quantity in (select 1)",
        "exists(select 1)",
        "read_csv('/etc/passwd')",
        "getenv('HOME')",
        "status collate de",
        "cast(status as varchar collate de)",
        "created_at at time zone 'Europe/Berlin'",
        "cast(created_at as timestamptz)",
        "exp(quantity)",
        "ln(quantity)",
        "quantity ** 2",
        "pow(quantity, 0.5)",
        "sin(quantity)",
        "hash(quantity)",
        "format('{}', quantity)",
        "strftime(created_at, '%c')",
        "regexp_matches(status, '(a+)+')",
        "repeat(status, 1000000000)",
        "lpad(status, 1000000000, 'x')",
        "lpad(status, quantity, 'x')",
        "[quantity]",
        "{'a': quantity}",
        "quantity[1]",
        "status -> 'a'",
        "x -> x + 1",
        "columns(*)",
        "*",
        "?",
        "$1",
        "orders.quantity",
        "quantity; drop table orders",
        "quantity from orders",
        "drop table orders",
        "pragma version",
        "extract(timezone from created_at)",
        "date_part('epoch', created_at)",
        "quantity +",
        "'open",
        "",
        "  ",
        "-- nothing",
        "no_such_column",
        "quantity + no_such_column",
        "(" * 5_000 + "1" + ")" * 5_000,
        "1" + " + 1" * 4_000,
    ],
)
def test_whatever_else_is_refused_with_words(text: str) -> None:
    """Volatile, between rows, of the machine, of its files: none of it may reach an engine."""
    with pytest.raises(RefusedExpression) as caught:
        read_expression(text, KNOWN)
    assert caught.value.message


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    """Typing errors are the most common ones."""
    with pytest.raises(RefusedExpression) as caught:
        read_expression("quantty * 2", KNOWN)
    assert "'quantity'" in caught.value.hint


@pytest.mark.parametrize("text", ["+".join(["a"] * 3000), "(" * 3000 + "a" + ")" * 3000])
def test_depth_is_bounded_by_a_word_of_our_own(text: str) -> None:
    """DuckDB would name a setting that no user can reach."""
    with pytest.raises(RefusedExpression, match="nests too deeply"):
        read_expression(text, ["a"])


def test_what_the_parser_says_has_no_class_of_its_own() -> None:
    """Internals do not cross the wire."""
    with pytest.raises(RefusedExpression) as refused:
        read_expression("greatest()", ["a"])
    assert "class" not in refused.value.message
    assert "Greatest" in refused.value.message
