"""Keys hold by construction: distinct, referring to what is there, exact."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.plan import Plan
from generator_svc.core.spec import ColumnSpec, FanOut, ForeignKeySpec, LogicalType, TableSpec, ZipfParents
from tests.generator_svc.core.catalog import (
    APPENDS,
    BOOLEAN,
    CUSTOMERS,
    DATE,
    DISTINCT,
    INT,
    MONEY,
    ORDERS,
    PROFILES,
    SALES,
    SHOP,
    SHOP_ROWS,
    TIMESTAMP,
    key,
    plan,
    text,
)

TOTALS = {name: rows + sum(added.get(name, 0) for added in APPENDS) for name, rows in SHOP_ROWS.items()}


@pytest.fixture(scope="module", params=["first run", "after appends"])
def shop(request: pytest.FixtureRequest) -> dict[str, pa.RecordBatch]:
    appended = request.param == "after appends"
    made = plan(SHOP, SHOP_ROWS, *(APPENDS if appended else ()))
    return {name: made.batch(name, 0, rows) for name, rows in (TOTALS if appended else SHOP_ROWS).items()}


def tuples(batch: pa.RecordBatch, *columns: str) -> list[tuple[Any, ...]]:
    return list(zip(*(batch.column(column).to_pylist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("customers", ("customer_id",)),
        ("customers", ("email",)),
        ("orders", ("order_id",)),
        ("order_items", ("order_id", "line_no")),
        ("order_items", ("order_id", "sku")),
        ("profiles", ("customer_id",)),
        ("returns", ("return_id",)),
        ("sales", ("_row_id",)),
        ("sales", ("region_id", "day", "channel")),
    ],
)
def test_keys_are_distinct(shop: dict[str, pa.RecordBatch], table: str, columns: tuple[str, ...]) -> None:
    """Duplicates in a key make every join downstream wrong."""
    keys = tuples(shop[table], *columns)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("table", [table.name for table in SHOP])
def test_foreign_keys_name_rows_that_exist(shop: dict[str, pa.RecordBatch], table: str) -> None:
    """No orphans: parents are drawn by row and their keys recomputed."""
    for reference in next(spec for spec in SHOP if spec.name == table).foreign_keys:
        parent = next(spec for spec in SHOP if spec.name == reference.parent_table)
        parents = set(tuples(shop[parent.name], *(reference.parent_columns or parent.primary_key)))
        children = set(tuples(shop[table], *reference.columns))
        assert children <= parents | {(None,) * len(reference.columns)}


def test_line_numbers_count_from_one_without_gaps(shop: dict[str, pa.RecordBatch]) -> None:
    """An order's lines are 1, 2, 3, …, over appends too."""
    lines: dict[int, list[int]] = {}
    for order, line in tuples(shop["order_items"], "order_id", "line_no"):
        lines.setdefault(order, []).append(line)
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in lines.values())


def test_a_fan_out_keeps_its_bounds() -> None:
    """Every order of the first run has one to seven lines."""
    items = plan(SHOP, SHOP_ROWS).batch("order_items", 0, SHOP_ROWS["order_items"])
    counts = np.unique(items["order_id"].to_numpy(), return_counts=True)[1]
    assert len(counts) == SHOP_ROWS["orders"]
    assert counts.min() >= 1
    assert counts.max() <= 7


def test_a_nullable_foreign_key_is_null_in_a_tenth_of_the_rows() -> None:
    """The default of the contract, all columns of a composite key at once."""
    returns = plan(SHOP, SHOP_ROWS | {"returns": 20_000}).batch("returns", 0, 20_000)
    nulls = [pair for pair in tuples(returns, "order_id", "line_no") if None in pair]
    assert set(nulls) == {(None, None)}
    assert len(nulls) == pytest.approx(2_000, rel=0.1)


def test_required_columns_are_never_null() -> None:
    """Even where the document asks for nulls."""
    table = TableSpec(
        "t", (ColumnSpec("c", INT, required=True, null_fraction=0.5), ColumnSpec("d", INT, null_fraction=1))
    )
    batch = plan([table], {"t": 1000}).batch("t", 0, 1000)
    assert batch["c"].null_count == 0
    assert batch["d"].null_count == 1000


def test_a_referenced_column_is_never_null() -> None:
    """A child must not refer to a key that its parent hides."""
    parent = TableSpec("p", (ColumnSpec("code", INT, is_unique=True, null_fraction=0.5),))
    child = TableSpec("c", (ColumnSpec("code", INT),), foreign_keys=(ForeignKeySpec(("code",), "p", ("code",)),))
    assert plan([parent, child], {"p": 100, "c": 10}).batch("p", 0, 100)["code"].null_count == 0


def test_a_tree_has_no_cycle_and_null_roots(shop: dict[str, pa.RecordBatch]) -> None:
    """Recursive queries over referrers end, after three levels at most."""
    made = plan(SHOP, SHOP_ROWS)
    table = TableSpec(
        "customers",
        tuple(ColumnSpec(c.name, c.type, null_fraction=0.0) for c in CUSTOMERS.columns),
        CUSTOMERS.primary_key,
        foreign_keys=CUSTOMERS.foreign_keys,
    )
    batch = plan([table], {"customers": 400}, {"customers": 100}).batch("customers", 0, 500)
    above = dict(tuples(batch, "customer_id", "referrer_id"))
    assert 0 < sum(parent is None for parent in above.values()) < 20
    for row in above:
        depth, at = 0, above[row]
        while at is not None:
            depth, at = depth + 1, above[at]
        assert depth <= 2
    assert made.batch("customers", 0, 400).num_rows == 400


def test_a_required_self_reference_roots_in_itself() -> None:
    """A NOT NULL parent column can only end in its own row."""
    table = TableSpec(
        "t", (ColumnSpec("id", INT), ColumnSpec("up", INT, required=True)), ("id",), foreign_keys=(key("up", "t"),)
    )
    pairs = tuples(plan([table], {"t": 100}).batch("t", 0, 100), "id", "up")
    assert all(up < own or (up == own and own < 10) for own, up in pairs)


def test_tables_may_refer_to_each_other_where_null_is_allowed() -> None:
    """Employees have a department, departments a head."""
    staff = TableSpec(
        "staff", (ColumnSpec("id", INT), ColumnSpec("team", INT)), ("id",), foreign_keys=(key("team", "team"),)
    )
    team = TableSpec(
        "team",
        (ColumnSpec("id", INT), ColumnSpec("head", INT)),
        ("id",),
        foreign_keys=(key("head", "staff", nullable=True),),
    )
    made = plan([staff, team], {"staff": 100, "team": 10})
    assert made.order == ("team", "staff")
    assert set(made.batch("staff", 0, 100)["team"].to_pylist()) <= set(range(1, 11))


def test_a_key_that_is_made_of_itself_is_refused() -> None:
    """Two primary keys that refer to each other name no value."""
    one = TableSpec("one", (ColumnSpec("id", INT),), ("id",), foreign_keys=(key("id", "two"),))
    two = TableSpec("two", (ColumnSpec("id", INT),), ("id",), foreign_keys=(key("id", "one"),))
    with pytest.raises(ImpossibleRule, match=r"one\.id -> two\.id -> one\.id"):
        plan([one, two], {"one": 1, "two": 1})


def test_popular_parents_follow_zipf() -> None:
    """Rank k has weight k^-1.1 in a seeded order of the parents, not in their own."""
    made = plan([CUSTOMERS, ORDERS], {"customers": 1000, "orders": 100_000})
    chosen = made.batch("orders", 0, 100_000)["customer_id"].to_numpy()
    ids, counts = np.unique(chosen, return_counts=True)
    weights = np.arange(1, 1001) ** -1.1
    assert np.sort(counts)[::-1][:5] == pytest.approx(100_000 * weights[:5] / weights.sum(), rel=0.1)
    assert list(ids[np.argsort(counts)[::-1][:3]]) != [1, 2, 3]


def test_one_to_one_uses_up_all_parents_before_it_is_refused() -> None:
    """Appends go on with the parents that are left, in whatever segment they came."""
    appends = ({"profiles": 40}, {"customers": 10, "profiles": 5}, {"profiles": 5})
    made = plan([CUSTOMERS, PROFILES], {"customers": 100, "profiles": 60}, *appends)
    assert sorted(made.batch("profiles", 0, 110)["customer_id"].to_pylist()) == list(range(1, 111))
    with pytest.raises(ImpossibleRule, match="111 rows need a parent of their own, there are 110"):
        plan([CUSTOMERS, PROFILES], {"customers": 100, "profiles": 60}, *appends, {"profiles": 1})


def test_distinct_columns_of_every_type_are_distinct_over_appends() -> None:
    """Each by a bijection of its own; none by remembering."""
    batch = plan([DISTINCT], {DISTINCT.name: 20_000}, {DISTINCT.name: 500}, {DISTINCT.name: 3_000}).batch(
        DISTINCT.name, 0, 23_500
    )
    for name in batch.schema.names:
        assert len(batch[name].unique()) == 23_500, name


def test_tuples_of_columns_take_every_combination_before_they_are_refused() -> None:
    """Region, day and channel: regions grow, channels do not."""
    narrow = TableSpec(
        "t",
        (
            ColumnSpec("a", SALES.columns[3].type, rule=SALES.columns[3].rule),
            ColumnSpec("b", text(1), rule=SALES.columns[3].rule),
        ),
        composite_keys=(("a", "b"),),
    )
    with pytest.raises(ImpossibleRule):
        plan([narrow], {"t": 5})
    pair = TableSpec(
        "t", tuple(ColumnSpec(n, text(9), rule=SALES.columns[3].rule) for n in "ab"), composite_keys=(("a", "b"),)
    )
    assert len(set(tuples(plan([pair], {"t": 9}).batch("t", 0, 9), "a", "b"))) == 9
    with pytest.raises(ImpossibleRule, match="10 rows need distinct tuples, there are 9"):
        plan([pair], {"t": 10})


@pytest.mark.parametrize(
    ("kinds", "parents"),
    [
        ([TIMESTAMP] * 3, []),
        ([TIMESTAMP, DATE, MONEY, TIMESTAMP], []),
        ([BOOLEAN] * 70, []),
        ([TIMESTAMP] * 3, [5]),
        ([TIMESTAMP] * 3, [5, 7]),
        ([TIMESTAMP], [10_000_000] * 4),
    ],
)
def test_a_key_may_have_more_combinations_than_a_word_can_number(kinds: list[LogicalType], parents: list[int]) -> None:
    """Three moments make 10^23 combinations; a few thousand of them are enough."""
    sides = {f"side{number}": rows for number, rows in enumerate(parents)}
    columns = tuple(ColumnSpec(f"c{number}", kind, required=True) for number, kind in enumerate(kinds))
    columns += tuple(ColumnSpec(f"{side}_id", INT, required=True) for side in sides)
    names = tuple(column.name for column in columns)
    table = TableSpec("t", columns, names, foreign_keys=tuple(key(f"{side}_id", side) for side in sides))
    tables = [TableSpec(side, (ColumnSpec("id", INT),), ("id",)) for side in sides]
    batch = plan([table, *tables], {"t": 3_000} | sides, {"t": 500}).batch("t", 0, 3_500)
    assert len(set(tuples(batch, *names))) == 3_500


@pytest.mark.parametrize("choice", [ZipfParents(1.2), FanOut(0, 20), FanOut(0, 0, skewed=True)])
def test_pairs_of_parents_are_distinct_whatever_the_choice(choice: ZipfParents | FanOut) -> None:
    """Link tables: (student, course)."""
    link = TableSpec(
        "link",
        (ColumnSpec("student", INT), ColumnSpec("course", INT)),
        ("student", "course"),
        foreign_keys=(key("student", "students", choice), key("course", "courses")),
    )
    sides = [TableSpec(name, (ColumnSpec("id", INT),), ("id",)) for name in ("students", "courses")]
    batch = plan([link, *sides], {"students": 300, "courses": 40, "link": 2_000}).batch("link", 0, 2_000)
    assert len(set(tuples(batch, "student", "course"))) == 2_000


def test_a_full_link_table_has_every_pair() -> None:
    """The bound is exact: 30 times 4 pairs can all be made, not one more."""
    link = TableSpec(
        "link",
        (ColumnSpec("a", INT), ColumnSpec("b", INT)),
        ("a", "b"),
        foreign_keys=(key("a", "left"), key("b", "right")),
    )
    sides = [TableSpec(name, (ColumnSpec("id", INT),), ("id",)) for name in ("left", "right")]
    batch = plan([link, *sides], {"left": 30, "right": 4, "link": 120}).batch("link", 0, 120)
    assert len(set(tuples(batch, "a", "b"))) == 120
    with pytest.raises(ImpossibleRule, match=r"link\.a, b: 121 rows are more than 120: 30 parents with at most 4 each"):
        plan([link, *sides], {"left": 30, "right": 4, "link": 121})


def test_a_required_parent_without_rows_is_refused() -> None:
    """There is nothing that the child could refer to."""
    with pytest.raises(ImpossibleRule, match=r"orders\.customer_id: parent table customers has no rows"):
        plan([CUSTOMERS, ORDERS], {"customers": 0, "orders": 1})


def test_a_nullable_parent_without_rows_is_null() -> None:
    """An empty table is a legitimate state."""
    child = TableSpec("c", (ColumnSpec("p", INT),), foreign_keys=(key("p", "p", nullable=True),))
    parent = TableSpec("p", (ColumnSpec("id", INT),), ("id",))
    assert plan([child, parent], {"p": 0, "c": 5}).batch("c", 0, 5)["p"].null_count == 5


def test_a_foreign_key_to_nothing_is_refused_by_name() -> None:
    """The plan is the last to notice what the schema service should have."""
    with pytest.raises(InvalidArgument, match=r"c\.p refers to table 'nowhere'"):
        plan([TableSpec("c", (ColumnSpec("p", INT),), foreign_keys=(key("p", "nowhere"),))], {"c": 1})


def test_a_key_of_a_wider_type_is_cast_or_refused() -> None:
    """A BIGINT parent key in an INT column holds while the numbers fit."""
    made: Plan = plan([CUSTOMERS, ORDERS], {"customers": 10, "orders": 10})
    assert made.schema("orders").field("customer_id").type == pa.int32()
    parent = TableSpec("p", (ColumnSpec("id", text(20)),), ("id",))
    child = TableSpec("c", (ColumnSpec("p", INT),), foreign_keys=(key("p", "p"),))
    with pytest.raises(ImpossibleRule, match="do not fit"):
        plan([parent, child], {"p": 5, "c": 5}).batch("c", 0, 5)
