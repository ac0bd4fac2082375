"""Columns made from others: copies and sums of parents' cells, expressions, choices. At any row, by any split."""

import datetime as dt
import time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dwsim_wire.fault import Fault, InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.plan import Plan
from generator_svc.core.rules import (
    ConditionalRule,
    ConstantRule,
    DerivedRule,
    LookupRule,
    OffsetRule,
    Rule,
    UniformRule,
)
from generator_svc.core.spec import ColumnSpec, FanOut, ForeignKeySpec, LogicalType, TableSpec, Tree, TypeKind
from tests.generator_svc.core.catalog import (
    APPENDS,
    DATE,
    EVERYTHING,
    EVERYTHING_ROWS,
    INT,
    MONEY,
    TIMESTAMP,
    key,
    plan,
    text,
)

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def shop() -> Plan:
    return plan(EVERYTHING, EVERYTHING_ROWS, *APPENDS)


@pytest.fixture(scope="module")
def parcels(shop: Plan) -> Rows:
    return _rows(shop, "parcels", 1_800)


def _rows(made: Plan, table: str, rows: int) -> Rows:
    found: Rows = made.batch(table, 0, rows).to_pylist()
    return found


def test_a_lookup_is_the_cell_of_the_row_that_the_key_names(shop: Plan, parcels: Rows) -> None:
    """A join gives the same value as the copy, NULL where the key is NULL, for parents of later segments too."""
    orders = {row["order_id"]: row for row in _rows(shop, "orders", 1_120)}
    customers = {row["customer_id"]: row for row in _rows(shop, "customers", 450)}
    for row in parcels:
        assert row["ordered_at"] == orders[row["order_id"]]["created_at"]
        customer = customers.get(row["customer_id"], {"email": None, "referrer_id": None})
        assert row["email"] in {None, customer["email"]}
        assert row["referrer_id"] == customer["referrer_id"]
    keyed = [row for row in parcels if row["customer_id"] is not None]
    assert 0.85 < len(keyed) / len(parcels) < 0.95
    assert sum(row["email"] is None for row in keyed) / len(keyed) == pytest.approx(0.1, abs=0.03)


def test_an_offset_from_the_parent_follows_the_parents_cell(parcels: Rows) -> None:
    """No parcel is sent before its order, and every delay comes up."""
    days = [(row["sent_on"] - row["ordered_at"].date()).days for row in parcels if row["sent_on"]]
    assert set(days) == set(range(1, 15))
    assert stats.chisquare(np.bincount(days)[1:]).pvalue > 1e-4
    assert 1 - len(days) / len(parcels) == pytest.approx(0.2, abs=0.03)


def test_a_choice_follows_its_condition(parcels: Rows) -> None:
    """A parcel that is on the road has not arrived; one that is there arrived after it was sent."""
    for row in parcels:
        if row["state"] == "there" and row["sent_on"]:
            assert 1 <= (row["arrived_on"] - row["sent_on"]).days <= 9
        else:
            assert row["arrived_on"] is None
        if row["weight"] > 20:
            assert 10 <= row["fee"] <= 20
        elif row["weight"] > 10:
            assert row["fee"] == 5


def test_an_expression_is_what_sql_says(parcels: Rows) -> None:
    """Decimals to the cent, NULL with the columns that it reads, unless it says otherwise."""
    for row in parcels:
        if row["units"] is None:
            assert row["total"] is None
        else:
            exact = row["units"] * row["price"] * Decimal("1.19")
            assert row["total"] == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert row["label"] == f"{row['state'][:2].upper()}-{row['units'] or 0}"
        late = row["sent_on"] and dt.datetime.combine(row["sent_on"], dt.time())
        assert row["late"] == (
            late and late > dt.datetime.combine(row["ordered_at"].date(), dt.time()) + dt.timedelta(10)
        )


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(0, 1_799), min_size=1, max_size=60))
def test_any_rows_in_any_order_have_the_same_cells(shop: Plan, chosen: list[int]) -> None:
    """Preview, resume and verification read rows on their own; an expression must not see its neighbours."""
    whole = shop.batch("parcels", 0, 1_800)
    assert shop.rows("parcels", np.array(chosen, np.uint64)).equals(whole.take(pa.array(chosen)))
    first = min(chosen)
    assert shop.batch("parcels", first, 1_800 - first).equals(whole.slice(first))


def test_a_member_of_a_key_that_names_a_parent_can_be_looked_up_through() -> None:
    """(order, product) is a key, and the price comes from the product, whose maker's name comes from further up."""
    makers = TableSpec("makers", (ColumnSpec("id", INT), ColumnSpec("name", text(20))), primary_key=("id",))
    products = TableSpec(
        "products",
        (
            ColumnSpec("sku", INT),
            ColumnSpec("maker", INT),
            ColumnSpec("price", MONEY),
            ColumnSpec("made_by", text(20), rule=LookupRule("maker", "name")),
        ),
        primary_key=("sku",),
        foreign_keys=(key("maker", "makers"),),
    )
    orders = TableSpec("orders", (ColumnSpec("id", INT), ColumnSpec("at", DATE)), primary_key=("id",))
    items = TableSpec(
        "items",
        (
            ColumnSpec("order_id", INT),
            ColumnSpec("sku", INT),
            ColumnSpec("at", TIMESTAMP, rule=LookupRule("order_id", "at")),
            ColumnSpec("price", MONEY, rule=LookupRule("sku", "price")),
            ColumnSpec("made_by", text(30), rule=LookupRule("sku", "made_by")),
        ),
        composite_keys=(("order_id", "sku"),),
        foreign_keys=(key("order_id", "orders", FanOut(1, 5)), key("sku", "products")),
    )
    with pytest.raises(ImpossibleRule, match="TIMESTAMP does not hold every DATE"):
        plan([makers, products, orders, items], dict.fromkeys(("makers", "products", "orders", "items"), 9))
    items = TableSpec(**{**_facts(items), "columns": tuple(c for c in items.columns if c.name != "at")})
    tables = [makers, products, orders, items]
    made = plan(tables, {"makers": 9, "products": 40, "orders": 200, "items": 500}, {"items": 90, "products": 5})
    prices = {row["sku"]: row for row in _rows(made, "products", 45)}
    names = {row["id"]: row["name"] for row in _rows(made, "makers", 9)}
    found = _rows(made, "items", 590)
    assert len({(row["order_id"], row["sku"]) for row in found}) == 590
    for row in found:
        assert row["price"] == prices[row["sku"]]["price"]
        assert row["made_by"] == names[prices[row["sku"]]["maker"]]


def _facts(table: TableSpec) -> dict[str, Any]:
    return {name: getattr(table, name) for name in TableSpec.__dataclass_fields__}


def test_a_tree_looks_at_the_level_above() -> None:
    """A manager's name beside the employee; the roots have none."""
    staff = TableSpec(
        "staff",
        (
            ColumnSpec("id", INT),
            ColumnSpec("name", text(20)),
            ColumnSpec("boss", INT),
            ColumnSpec("boss_name", text(20), rule=LookupRule("boss", "name")),
        ),
        primary_key=("id",),
        foreign_keys=(key("boss", "staff", Tree(3), nullable=True),),
    )
    found = _rows(plan([staff], {"staff": 200}, {"staff": 50}), "staff", 250)
    names = {row["id"]: row["name"] for row in found} | {None: None}
    assert all(row["boss_name"] == names[row["boss"]] for row in found)
    assert {None} < {row["boss"] for row in found}


def test_a_required_copy_is_there_without_a_key_too() -> None:
    """As offsets do: below the NULL there is a parent all the same."""
    parent = TableSpec("p", (ColumnSpec("id", INT), ColumnSpec("day", DATE, null_fraction=0.5)), primary_key=("id",))
    columns = (ColumnSpec("p_id", INT), ColumnSpec("day", DATE, required=True, rule=LookupRule("p_id", "day")))
    child = TableSpec("t", columns, foreign_keys=(key("p_id", "p", nullable=True),))
    assert plan([parent, child], {"p": 20, "t": 400}).batch("t", 0, 400).column("day").null_count == 0
    empty = plan(
        [
            parent,
            TableSpec(
                "t",
                (columns[0], ColumnSpec("day", DATE, rule=LookupRule("p_id", "day"))),
                foreign_keys=child.foreign_keys,
            ),
        ],
        {"p": 0, "t": 4},
    )
    assert empty.batch("t", 0, 4).column("day").null_count == 4


def test_a_billion_rows_away_costs_what_the_first_rows_do(shop: Plan) -> None:
    """Preview 100 rows with lookups, fan-out and expressions in under 50 ms."""
    rows = dict.fromkeys(EVERYTHING_ROWS, 10**6) | {"orders": 2 * 10**9, "parcels": 2 * 10**9}
    tables = [t for t in EVERYTHING if t.name in {"parcels", "orders", "customers"}]
    made = plan(tables, {table.name: rows[table.name] for table in tables})
    made.batch("parcels", 10**9, 100)
    times = []
    for begin in range(5):
        begun = time.perf_counter()
        made.batch("parcels", 10**9 + begin * 1_000, 100)
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.5


def refused(*columns: ColumnSpec, rows: int = 10, **more: Any) -> Fault:
    parent = TableSpec(
        "p", (ColumnSpec("id", INT), ColumnSpec("at", DATE), ColumnSpec("word", text(9))), primary_key=("id",)
    )
    keys = (key("p_id", "p", nullable=True),)
    own = (ColumnSpec("p_id", INT), ColumnSpec("n", INT, null_fraction=0.1), ColumnSpec("s", text(9)))
    with pytest.raises(Fault) as caught:
        plan([parent, TableSpec("t", (*columns, *own), foreign_keys=keys, **more)], {"p": rows, "t": 10})
    assert caught.value.message.startswith("t.c: ")
    assert caught.value.metadata["column"] == "c"
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("logical", "rule", "words"),
    [
        (INT, DerivedRule("m + 1"), "'m'"),
        (INT, DerivedRule("random()"), "not allowed"),
        (INT, DerivedRule("s || 'x'"), "yields VARCHAR"),
        (text(9), DerivedRule("n + 1"), "yields"),
        (DATE, DerivedRule("n"), "no DATE"),
        (INT, DerivedRule("s + 1"), "types"),
        (INT, DerivedRule("n and s"), "yields BOOLEAN"),
        (LogicalType(TypeKind.BINARY), DerivedRule("n"), "no expression yields BINARY"),
        (INT, ConditionalRule("n + 1", ConstantRule("1")), "no BOOLEAN"),
        (INT, ConditionalRule("n >", ConstantRule("1")), "no SQL"),
        (INT, ConditionalRule("n > 1", ConstantRule("one")), "one"),
        (INT, ConditionalRule("n > 1", LookupRule("p_id", "word")), "does not hold"),
        (INT, LookupRule("n", "id"), "no foreign key"),
        (INT, LookupRule("p_id", "no"), "no column 'no'"),
        (text(5), LookupRule("p_id", "word"), "does not hold"),
        (DATE, OffsetRule("p_id.no"), "no column 'no'"),
        (INT, OffsetRule("p_id.at"), "cannot be DATE"),
        (DATE, OffsetRule("n.at"), "no column"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is(logical: LogicalType, rule: Rule, words: str) -> None:
    """With table, column and what is wrong."""
    fault = refused(ColumnSpec("c", logical, rule=rule))
    assert isinstance(fault, InvalidArgument | ImpossibleRule)
    assert words in fault.message


@pytest.mark.parametrize(
    "rule", [DerivedRule("n + 1"), ConditionalRule("n > 1", ConstantRule("1")), LookupRule("p_id", "id")]
)
def test_columns_made_from_others_repeat_values(rule: Rule) -> None:
    """So they are no keys, and a required one needs a value in every row."""
    assert isinstance(refused(ColumnSpec("c", INT, is_unique=True, rule=rule)), ImpossibleRule)
    assert isinstance(refused(ColumnSpec("c", INT, rule=rule), composite_keys=(("c", "s"),)), ImpossibleRule)
    if isinstance(rule, LookupRule):
        refused(ColumnSpec("c", INT, required=True, rule=rule), rows=0)
    else:
        refused(ColumnSpec("c", INT, required=True, rule=rule))


@pytest.mark.parametrize(
    ("rules", "circle"),
    [
        ({"a": DerivedRule("b + 1"), "b": OffsetRule("c", 1, 2), "c": DerivedRule("a * 2")}, "a -> b -> c -> a"),
        ({"a": DerivedRule("a + 1")}, "a -> a"),
        ({"a": ConditionalRule("b > 1", ConstantRule("1")), "b": OffsetRule("a", 1, 2)}, "a -> b -> a"),
        ({"a": LookupRule("up", "a")}, "a -> a"),
        ({"a": LookupRule("up", "b"), "b": DerivedRule("a + 1")}, "a -> b -> a"),
    ],
)
def test_a_circle_is_refused_and_named(rules: dict[str, Rule], circle: str) -> None:
    """No cell of it could ever be made, in one row or over the rows of a tree."""
    columns = tuple(ColumnSpec(name, INT, rule=rule) for name, rule in rules.items())
    table = TableSpec(
        "t",
        (ColumnSpec("id", INT), ColumnSpec("up", INT), *columns),
        primary_key=("id",),
        foreign_keys=(key("up", "t", nullable=True),),
    )
    with pytest.raises(ImpossibleRule) as caught:
        plan([table], {"t": 10})
    assert caught.value.metadata["cycle"] == circle
    assert circle in caught.value.message


def test_a_circle_over_two_tables_names_both() -> None:
    """Keys may go round by a NULL; copies may not."""
    tables = [
        TableSpec(
            name,
            (ColumnSpec("id", INT), ColumnSpec("of", INT), ColumnSpec("c", INT, rule=LookupRule("of", "c"))),
            primary_key=("id",),
            foreign_keys=(ForeignKeySpec(("of",), other, ("id",), nullable=True),),
        )
        for name, other in (("x", "y"), ("y", "x"))
    ]
    with pytest.raises(ImpossibleRule, match=r"x\.c -> y\.c -> x\.c"):
        plan(tables, {"x": 10, "y": 10})


def test_a_branch_is_drawn_apart_from_the_other() -> None:
    """One key for both would make `then` and `otherwise` move together."""
    wide = UniformRule("0", "1000000")
    first, second = (
        plan([TableSpec("t", (ColumnSpec("c", INT, rule=ConditionalRule(text, wide, wide)),))], {"t": 5_000})
        .batch("t", 0, 5_000)
        .column("c")
        .to_numpy()
        for text in ("1 = 1", "1 = 2")
    )
    assert abs(stats.spearmanr(first, second).statistic) < 0.06
    assert stats.kstest(first / 1e6, "uniform").pvalue > 1e-4
