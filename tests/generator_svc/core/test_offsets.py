"""Columns that add to another column of their row: after it, within bounds and type, NULL with it, at any row."""

import datetime as dt
from decimal import Context, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import Fault, InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import ConstantRule, NormalRule, OffsetRule, OffsetUnit, Rule, UniformRule
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind
from tests.generator_svc.core.catalog import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INSTANT,
    INT,
    MONEY,
    OFFSETS,
    REAL,
    SMALLINT,
    TIME,
    TIMESTAMP,
    WIDE,
    key,
    plan,
    text,
)

ROWS = 500


def made(*columns: ColumnSpec, rows: int = ROWS) -> dict[str, list[Any]]:
    """Columns of a table `t`, generated."""
    values: dict[str, list[Any]] = plan([TableSpec("t", columns)], {"t": rows}).batch("t", 0, rows).to_pydict()
    return values


def pair(source: LogicalType, start: Rule | None, target: LogicalType, rule: OffsetRule) -> list[tuple[Any, Any]]:
    """Values of column `a` and of column `b`, which adds to it."""
    columns = made(ColumnSpec("b", target, rule=rule), ColumnSpec("a", source, rule=start))
    return list(zip(columns["a"], columns["b"], strict=True))


@pytest.mark.parametrize("unit", list(OffsetUnit))
def test_a_day_follows_a_moment_by_the_drawn_amount(unit: OffsetUnit) -> None:
    """ship_date = created_at + 1 to 14 days: no ship date before its order, both ends reachable."""
    found = pair(TIMESTAMP, UniformRule("1969-12-20", "1970-01-10"), DATE, OffsetRule("a", 1, 14, unit))
    hours = {OffsetUnit.SECONDS: 1 / 3600, OffsetUnit.MINUTES: 1 / 60, OffsetUnit.HOURS: 1}.get(unit)
    for moment, day in found:
        if hours is None:
            assert 1 <= (day - moment.date()).days <= 14
        else:
            first, last = (moment + dt.timedelta(hours=n * hours) for n in (1, 14))
            assert first.date() <= day <= last.date()
    if hours is None:
        assert {(day - moment.date()).days for moment, day in found} == set(range(1, 15))


@pytest.mark.parametrize(("source", "target"), [(DATE, TIMESTAMP), (TIMESTAMP, INSTANT), (INSTANT, TIMESTAMP)])
def test_a_moment_follows_a_day_or_a_moment(source: LogicalType, target: LogicalType) -> None:
    """A day counts as its first moment."""
    for before, after in pair(source, None, target, OffsetRule("a", -90, 3_600, OffsetUnit.SECONDS)):
        start = before if isinstance(before, dt.datetime) else dt.datetime.combine(before, dt.time())
        assert dt.timedelta(seconds=-90) <= after.replace(tzinfo=None) - start.replace(tzinfo=None)
        assert after.replace(tzinfo=None) - start.replace(tzinfo=None) <= dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("source", "target"),
    [(SMALLINT, INT), (INT, BIGINT), (BIGINT, BIGINT), (INT, MONEY), (MONEY, MONEY), (MONEY, WIDE), (INT, DOUBLE)],
)
def test_a_number_follows_a_number(source: LogicalType, target: LogicalType) -> None:
    """The amount is in whole ones, whatever the scale."""
    differences = {
        Decimal(str(after)) - Decimal(str(before))
        for before, after in pair(source, UniformRule("-100", "100"), target, OffsetRule("a", -2, 3))
    }
    assert differences == set(range(-2, 4))


@pytest.mark.parametrize("scale", [0, 1, 19, 36])
@pytest.mark.parametrize("sign", [-1, 1])
def test_sums_of_wide_decimals_are_exact_and_end_at_the_type(scale: int, sign: int) -> None:
    """38 digits are summed in two words; a carry lost would be a wrong amount."""
    kind = LogicalType(TypeKind.DECIMAL, precision=38, scale=scale)
    most = Decimal((int(sign < 0), (9,) * 38, -scale))
    found = pair(kind, ConstantRule(str(most)), kind, OffsetRule("a", 3, 3))
    assert {after for _, after in found} == {most if sign > 0 else Context(prec=80).add(most, 3)}


@pytest.mark.parametrize(
    ("kind", "last", "amount"),
    [
        (SMALLINT, "32767", 100),
        (INT, "2147483647", 2**40),
        (BIGINT, "9223372036854775807", 2**60),
        (DATE, "9999-12-31", 400),
        (TIMESTAMP, "9999-12-31T23:59:59.999999", 10**15),
        (TIME, "23:59:59.999999", 3_600),
        (MONEY, "9999999999.99", 5),
        (REAL, "3.4028234e38", 2**60),
    ],
)
def test_sums_end_where_the_type_ends(kind: LogicalType, last: str, amount: int) -> None:
    """A wrapped integer would be a date before the one that it must follow."""
    for before, after in pair(kind, ConstantRule(last), kind, OffsetRule("a", amount, amount)):
        assert after == before


def test_a_narrower_column_holds_what_it_can() -> None:
    """The source's values may be wider than the column."""
    found = pair(BIGINT, UniformRule("-100000", "100000"), SMALLINT, OffsetRule("a", 5, 5))
    assert all(after == max(-32768, min(32767, before + 5)) for before, after in found)


def test_no_value_means_no_value_along_the_whole_chain() -> None:
    """A parcel of an order without a date has none either; a required column is there all the same."""
    columns = made(
        ColumnSpec("c", DATE, rule=OffsetRule("b", 1, 2), null_fraction=0.2),
        ColumnSpec("b", DATE, rule=OffsetRule("a", 1, 2)),
        ColumnSpec("a", DATE, null_fraction=0.3),
        ColumnSpec("d", DATE, rule=OffsetRule("c", 1, 2), required=True),
        ColumnSpec("e", DATE, rule=OffsetRule("d", 1, 2)),
    )
    rows = list(zip(*(columns[name] for name in "abcde"), strict=True))
    assert all((b is None) == (a is None) for a, b, _, _, _ in rows)
    assert all(c is None for a, _, c, _, _ in rows if a is None)
    nulls = [sum(value is None for value in columns[name]) / ROWS for name in "abc"]
    assert nulls == pytest.approx([0.3, 0.3, 0.44], abs=0.06)
    assert not {None} & {*columns["d"], *columns["e"]}
    assert all(a < b < c < d < e for a, b, c, d, e in rows if None not in (a, b, c))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 2_999), min_size=1, max_size=40))
def test_any_rows_in_any_order_have_the_same_cells(chosen: list[int]) -> None:
    """Preview, resume and verification read rows on their own."""
    table = plan([OFFSETS], {"offsets": 2_000}, {"offsets": 1_000})
    whole = table.batch("offsets", 0, 3_000)
    assert table.rows("offsets", np.array(chosen, np.uint64)).equals(whole.take(pa.array(chosen)))
    first = min(chosen)
    assert table.batch("offsets", first, 3_000 - first).equals(whole.slice(first))


def test_amounts_of_two_columns_are_drawn_apart() -> None:
    """Columns that move together would look copied."""
    columns = made(
        ColumnSpec("a", INT, rule=ConstantRule("0")),
        ColumnSpec("b", INT, rule=OffsetRule("a", 0, 10**6)),
        ColumnSpec("c", INT, rule=OffsetRule("a", 0, 10**6)),
    )
    assert abs(float(np.corrcoef(columns["b"], columns["c"])[0, 1])) < 0.2
    assert len(set(columns["b"])) > ROWS * 0.9


def refused(*columns: ColumnSpec, **more: Any) -> Fault:
    parent = TableSpec("p", (ColumnSpec("id", INT), ColumnSpec("at", DATE)), primary_key=("id",))
    with pytest.raises(Fault) as caught:
        plan([parent, TableSpec("t", columns, **more)], {"p": 10, "t": 10})
    assert caught.value.message.startswith("t.")
    assert caught.value.metadata["table"] == "t"
    return caught.value


@pytest.mark.parametrize(
    ("target", "source", "rule"),
    [
        (DATE, INT, OffsetRule("a", 1, 2)),
        (INT, MONEY, OffsetRule("a", 1, 2)),
        (INT, DATE, OffsetRule("a", 1, 2)),
        (MONEY, DOUBLE, OffsetRule("a", 1, 2)),
        (TIME, TIMESTAMP, OffsetRule("a", 1, 2)),
        (text(9), text(9), OffsetRule("a", 1, 2)),
        (BOOLEAN, BOOLEAN, OffsetRule("a", 0, 1)),
        (INT, INT, OffsetRule("a", 1, 2, OffsetUnit.DAYS)),
        (INT, INT, OffsetRule("a", 2, 1)),
        (TIMESTAMP, TIMESTAMP, OffsetRule("a", 0, 10**9, OffsetUnit.DAYS)),
        (MONEY, WIDE, OffsetRule("a", 1, 2)),
        (WIDE, BIGINT, OffsetRule("a", 1, 2)),
    ],
)
def test_what_cannot_be_added_is_refused(target: LogicalType, source: LogicalType, rule: OffsetRule) -> None:
    """With table and column, before anything is generated."""
    assert isinstance(refused(ColumnSpec("b", target, rule=rule), ColumnSpec("a", source)), ImpossibleRule)


def test_offsets_in_a_circle_are_refused_and_the_circle_is_named() -> None:
    """No cell of them could ever be made."""
    fault = refused(
        *(ColumnSpec(name, INT, rule=OffsetRule(of, 1, 2)) for name, of in [("a", "b"), ("b", "c"), ("c", "b")])
    )
    assert "b -> c -> b" in fault.message
    refused(ColumnSpec("a", INT, rule=OffsetRule("a", 1, 2)))


def test_columns_to_which_nothing_can_be_added_are_refused() -> None:
    """What is missing, what a parent decides, what keys decide."""
    day = ColumnSpec("b", DATE, rule=OffsetRule("a", 1, 2))
    assert isinstance(refused(day), InvalidArgument)
    parent = ColumnSpec("p_id", INT)
    of_key = ColumnSpec("b", INT, rule=OffsetRule("p_id", 1, 2))
    assert isinstance(refused(parent, of_key, foreign_keys=(key("p_id", "p"),)), ImpossibleRule)
    unique = ColumnSpec("b", INT, rule=OffsetRule("a", 1, 2), is_unique=True)
    assert isinstance(refused(unique, ColumnSpec("a", INT)), ImpossibleRule)
    member = ColumnSpec("b", INT, rule=OffsetRule("a", 1, 2))
    assert isinstance(refused(member, ColumnSpec("a", INT), composite_keys=(("a", "b"),)), ImpossibleRule)


def test_a_long_chain_needs_no_deep_stack() -> None:
    """Generated schemas have hundreds of columns."""
    columns = [ColumnSpec("c0", INT, rule=NormalRule(0, 10))]
    columns += [ColumnSpec(f"c{n}", INT, rule=OffsetRule(f"c{n - 1}", 1, 1)) for n in range(1, 2_000)]
    last = made(*reversed(columns), rows=3)
    assert [a + 1_999 for a in last["c0"]] == last["c1999"]
