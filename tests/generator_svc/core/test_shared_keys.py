"""Foreign keys that share columns hold together, or are refused by name."""

from dataclasses import replace

import pyarrow as pa
import pytest

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import PermutedRule, SequenceRule
from generator_svc.core.spec import ColumnSpec, FanOut, ForeignKeySpec, TableSpec
from tests.generator_svc.core.catalog import INT, key, plan

ITEMS = TableSpec("items", (ColumnSpec("id", INT, rule=SequenceRule(1000, 7)),), ("id",))
TICKETS = TableSpec("tickets", (ColumnSpec("id", INT),), ("id",))
SALES = TableSpec(
    "sales",
    (ColumnSpec("item", INT), ColumnSpec("ticket", INT)),
    ("item", "ticket"),
    foreign_keys=(key("item", "items"), key("ticket", "tickets")),
)
RETURNS = TableSpec(
    "returns",
    (ColumnSpec("item", INT), ColumnSpec("ticket", INT)),
    ("item", "ticket"),
    foreign_keys=(
        key("item", "items"),
        ForeignKeySpec(("ticket", "item"), "sales", ("ticket", "item")),
        key("ticket", "tickets"),
    ),
)
ROWS = {"items": 20, "tickets": 500, "sales": 2_000, "returns": 400}


def pairs(batch: pa.RecordBatch) -> list[tuple[int, int]]:
    return list(zip(batch["item"].to_pylist(), batch["ticket"].to_pylist(), strict=True))


def numbered(name: str, rule: SequenceRule | PermutedRule | None = None) -> TableSpec:
    return TableSpec(name, (ColumnSpec("id", INT, rule=rule),), ("id",))


def test_a_return_is_a_sale_of_an_item_that_exists() -> None:
    """TPC-DS' store_returns: two single keys follow from the one of both columns."""
    made = plan([RETURNS, SALES, TICKETS, ITEMS], ROWS, {"items": 10, "tickets": 100, "sales": 500, "returns": 100})
    sales, returns = pairs(made.batch("sales", 0, 2_500)), pairs(made.batch("returns", 0, 500))
    assert len(set(returns)) == 500
    assert set(returns) <= set(sales)
    assert {item for item, _ in returns} <= set(made.batch("items", 0, 30)["id"].to_pylist())
    assert {ticket for _, ticket in returns} <= set(made.batch("tickets", 0, 600)["id"].to_pylist())


def test_a_key_follows_over_several_generations() -> None:
    """Inherited keys: a row that is a manager is an employee is a person."""
    people = numbered("people")
    employees = replace(numbered("employees"), foreign_keys=(key("id", "people"),))
    managers = replace(numbered("managers"), foreign_keys=(key("id", "employees"), key("id", "people")))
    made = plan([managers, employees, people], {"people": 100, "employees": 40, "managers": 10})
    ids = {
        name: set(made.batch(name, 0, rows)["id"].to_pylist()) for name, rows in (("employees", 40), ("managers", 10))
    }
    assert ids["managers"] < ids["employees"] < set(range(1, 101))


@pytest.mark.parametrize("choice", [None, FanOut(0, 60)])
def test_parents_that_count_alike_share_their_first_rows(choice: FanOut | None) -> None:
    """Two independent keys on one column hold together where the values are those that both parents have."""
    child = TableSpec("c", (ColumnSpec("x", INT),), foreign_keys=(key("x", "a", choice), key("x", "b")))
    sides = [numbered("a", SequenceRule(5, 5)), numbered("b", SequenceRule(5, 5))]
    made = plan([child, *sides], {"a": 300, "b": 20, "c": 1_000}, {"a": 10, "b": 80, "c": 1_000})
    assert set(made.batch("c", 0, 1_000)["x"].to_pylist()) == set(range(5, 105, 5))
    assert max(made.batch("c", 1_000, 1_000)["x"].to_pylist()) <= 500
    assert made.order[-1] == "c"


@pytest.mark.parametrize("rule", [SequenceRule(2), SequenceRule(1, 2), PermutedRule()])
def test_parents_that_count_differently_are_refused(rule: SequenceRule | PermutedRule) -> None:
    """Refused with the column's name, never half kept."""
    child = TableSpec("c", (ColumnSpec("x", INT),), foreign_keys=(key("x", "a"), key("x", "b")))
    with pytest.raises(ImpossibleRule, match=r"c\.x belongs to two foreign keys, to a and b, which are not sure"):
        plan([child, numbered("a"), numbered("b", rule)], {"a": 9, "b": 9, "c": 9})


@pytest.mark.parametrize("counts_first", [True, False])
def test_the_key_that_says_how_parents_are_chosen_leads(*, counts_first: bool) -> None:
    """A promised fan-out holds whichever of the two keys has it."""
    keys = (key("x", "a", FanOut(3, 3)), key("x", "b"))
    child = TableSpec("c", (ColumnSpec("x", INT),), foreign_keys=keys if counts_first else keys[::-1])
    made = plan([child, numbered("a"), numbered("b")], {"a": 100, "b": 100, "c": 300})
    assert sorted(made.batch("c", 0, 300)["x"].to_pylist()) == sorted([*range(1, 101)] * 3)


def test_a_tree_shares_its_column_with_no_other_key() -> None:
    """Its parents are rows of its own levels, of which another table may have fewer."""
    for keys in ((key("x", "c"), key("x", "a")), (key("x", "a"), key("x", "c"))):
        child = TableSpec("c", (ColumnSpec("id", INT), ColumnSpec("x", INT)), ("id",), foreign_keys=keys)
        with pytest.raises(ImpossibleRule, match=r"c\.x belongs to two foreign keys"):
            plan([child, numbered("a")], {"a": 100, "c": 1_000})


def test_keys_that_overlap_without_following_are_refused() -> None:
    """A sale of one item and a stock of another ticket: nothing says that a common item exists."""
    other = replace(SALES, name="stocks")
    child = TableSpec(
        "c",
        (ColumnSpec("item", INT), ColumnSpec("t1", INT), ColumnSpec("t2", INT)),
        foreign_keys=(
            ForeignKeySpec(("item", "t1"), "sales", ("item", "ticket")),
            ForeignKeySpec(("item", "t2"), "stocks", ("item", "ticket")),
        ),
    )
    with pytest.raises(ImpossibleRule, match=r"c\.item belongs to two foreign keys, to sales and stocks"):
        plan([child, other, SALES, TICKETS, ITEMS], ROWS | {"stocks": 100, "c": 100})


def test_a_choice_of_parents_that_would_be_lost_is_refused() -> None:
    """The parents of a key that follows are decided by the key that it follows from."""
    following = replace(RETURNS, foreign_keys=(key("item", "items", FanOut(1, 90)), *RETURNS.foreign_keys[1:]))
    with pytest.raises(ImpossibleRule, match=r"returns\.item has in items follow from those in sales"):
        plan([following, SALES, TICKETS, ITEMS], ROWS)
    two = TableSpec(
        "c", (ColumnSpec("x", INT),), foreign_keys=(key("x", "a", FanOut(0, 60)), key("x", "b", FanOut(0, 9)))
    )
    with pytest.raises(ImpossibleRule, match="would have no effect"):
        plan([two, numbered("a"), numbered("b")], {"a": 10, "b": 10, "c": 10})
