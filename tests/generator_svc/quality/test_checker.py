"""The quality report: what holds passes, and each kind of promise, broken in one place, is the one that fails."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dwsim_wire.staging import StagingRoot
from generator_svc.core.rules import (
    ArrayRule,
    Bounds,
    Choice,
    ConditionalRule,
    ConstantRule,
    DerivedRule,
    HierarchyNode,
    HierarchyRule,
    LookupRule,
    MixturePart,
    MixtureRule,
    NormalRule,
    OffsetRule,
    PatternRule,
    Rule,
    SequenceRule,
    TemplateRule,
    UniformRule,
    WeightedChoiceRule,
)
from generator_svc.core.run_faults import StagedFileChanged
from generator_svc.core.spec import (
    ColumnSpec,
    Correlation,
    FanOut,
    ForeignKeySpec,
    LogicalType,
    TableSpec,
    TypeKind,
)
from generator_svc.quality import Checker, StagedTable, Subject
from generator_svc.quality.database import Interrupted
from tests.generator_svc.core.catalog import (
    APPENDS,
    AS_OF,
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    EVERYTHING,
    EVERYTHING_ROWS,
    INT,
    MONEY,
    TIMESTAMP,
    key,
    text,
)
from tests.generator_svc.quality.checked import Made, check, failed, made

JSON = LogicalType(TypeKind.JSON)
TREE = (HierarchyNode("DE", children=(HierarchyNode("Ulm"), HierarchyNode("Bonn"))), HierarchyNode("FR", 2))
CUSTOMERS = TableSpec(
    "customers",
    (
        ColumnSpec("customer_id", BIGINT, required=True),
        ColumnSpec("email", text(40), is_unique=True),
        ColumnSpec("region", text(8), rule=WeightedChoiceRule((Choice("north", 3), Choice("south")))),
        ColumnSpec("country", text(8), rule=HierarchyRule("place", 0, TREE)),
        ColumnSpec("balance", MONEY, rule=NormalRule(100, 30, Bounds("0", "200"))),
        ColumnSpec("score", DOUBLE, rule=UniformRule("0", "1")),
        ColumnSpec("code", text(8), rule=PatternRule(r"[A-Z]{3}-\d{4}")),
        ColumnSpec("note", text(12), null_fraction=0.3),
        ColumnSpec("step", INT, rule=SequenceRule(10, 5)),
        ColumnSpec("joined", TIMESTAMP, required=True, rule=UniformRule("2024-01-01", "2024-12-31")),
        ColumnSpec("tags", JSON, rule=ArrayRule("INT", None, 1, 4)),
        ColumnSpec("vip", BOOLEAN),
    ),
    primary_key=("customer_id",),
    correlations=(Correlation(("balance", "score"), (1, 0.6, 0.6, 1)),),
)
ORDERS = TableSpec(
    "orders",
    (
        ColumnSpec("order_id", BIGINT, required=True),
        ColumnSpec("customer_id", BIGINT),
        ColumnSpec("region", text(8), rule=LookupRule("customer_id", "region")),
        ColumnSpec("day", DATE, rule=OffsetRule("customer_id.joined", 1, 14)),
        ColumnSpec("paid", DATE, rule=OffsetRule("day", 0, 5)),
        ColumnSpec("quantity", INT, rule=UniformRule("1", "9")),
        ColumnSpec("price", MONEY, rule=UniformRule("1", "99")),
        ColumnSpec("total", MONEY, rule=DerivedRule("round(quantity * price, 2)")),
        ColumnSpec("rebate", MONEY, rule=ConditionalRule("quantity > 5", UniformRule("1", "2"))),
        ColumnSpec("label", text(30), rule=TemplateRule("O-{order_id}-{quantity}")),
    ),
    primary_key=("order_id",),
    foreign_keys=(ForeignKeySpec(("customer_id",), "customers", ("customer_id",), nullable=True),),
)
ITEMS = TableSpec(
    "items",
    (ColumnSpec("order_id", BIGINT, required=True), ColumnSpec("line_no", INT, required=True)),
    primary_key=("order_id", "line_no"),
    foreign_keys=(ForeignKeySpec(("order_id",), "orders", ("order_id",), choice=FanOut(1, 4)),),
)
RETURNS = TableSpec(
    "returns",
    (
        ColumnSpec("return_id", INT, required=True),
        ColumnSpec("order_id", BIGINT),
        ColumnSpec("line_no", INT),
    ),
    primary_key=("return_id",),
    foreign_keys=(ForeignKeySpec(("order_id", "line_no"), "items", ("order_id", "line_no"), nullable=True),),
)
TABLES = (CUSTOMERS, ORDERS, ITEMS, RETURNS)
ROWS = {"customers": 2000, "orders": 600, "items": 1500, "returns": 200}


@pytest.fixture(scope="module")
def shop() -> Made:
    return made(TABLES, ROWS)


def set_cell(column: str, value: Any, row: int = 7) -> Callable[[pa.Table], pa.Table]:
    """Change one cell; a function takes the column and answers the value."""

    def alter(table: pa.Table) -> pa.Table:
        values = table[column].to_pylist()
        values[row] = value(table) if callable(value) else value
        place = table.schema.get_field_index(column)
        return table.set_column(place, pa.field(column, table[column].type), pa.array(values, table[column].type))

    return alter


def set_all(column: str, make: Callable[[int, Any], Any]) -> Callable[[pa.Table], pa.Table]:
    """Change a whole column, row by row."""

    def alter(table: pa.Table) -> pa.Table:
        values = [make(row, value) for row, value in enumerate(table[column].to_pylist())]
        place = table.schema.get_field_index(column)
        return table.set_column(place, pa.field(column, table[column].type), pa.array(values, table[column].type))

    return alter


def of_row(column: str, row: int) -> Callable[[pa.Table], Any]:
    return lambda table: table[column][row].as_py()


def first_where(column: str, holds: Callable[[Any], bool], alter: str, value: Any) -> Callable[[pa.Table], pa.Table]:
    """Change a cell of the first row whose other column holds."""

    def altered(table: pa.Table) -> pa.Table:
        row = next(i for i, each in enumerate(table[column].to_pylist()) if holds(each))
        return set_cell(alter, value, row)(table)

    return altered


def test_every_type_rule_and_key_of_the_engine_passes(tmp_path: Path) -> None:
    """The engine's own promise: 0 violations, in first runs and in appends that continue them."""
    for number, appends in enumerate(((), APPENDS[:1], APPENDS)):
        (folder := tmp_path / str(number)).mkdir()
        report = check(made(EVERYTHING, EVERYTHING_ROWS, *appends), folder)
        assert not [found for found in failed(report) if found.kind != "DISTRIBUTION"]
        assert report.error_rate == 0.0
        assert not failed(report), failed(report)


def test_what_holds_passes_and_nothing_is_left_out(shop: Made, tmp_path: Path) -> None:
    """Every kind of check is made, none is skipped."""
    report = check(shop, tmp_path)
    assert report.passed, failed(report)
    assert {found.kind.value for found in report.checks} == {
        *("ROW_COUNT", "UNIQUE", "NOT_NULL", "NULL_FRACTION", "REFERENCE", "RANGE", "LENGTH", "PATTERN"),
        *("FAN_OUT", "DISTRIBUTION", "CORRELATION", "EXPRESSION", "DOMAIN"),
    }
    assert not [found for found in report.checks if found.skipped]


Broken = Sequence[tuple[Callable[[pa.Table], pa.Table], str, tuple[str, ...]]]
BROKEN: dict[str, Broken] = {
    "customers": [
        (set_cell("email", of_row("email", 8)), "UNIQUE", ("email",)),
        (set_cell("joined", None), "NOT_NULL", ("joined",)),
        (set_cell("score", 1.5), "RANGE", ("score",)),
        (set_cell("balance", Decimal("200.01")), "RANGE", ("balance",)),
        (set_cell("step", 11), "RANGE", ("step",)),
        (first_where("note", bool, "note", "x" * 13), "LENGTH", ("note",)),
        (set_cell("tags", "[1,2,3,4,5]"), "LENGTH", ("tags",)),
        (set_cell("code", "abc-1234"), "PATTERN", ("code",)),
        (set_cell("region", "west"), "DOMAIN", ("region",)),
        (set_cell("country", "XX"), "DOMAIN", ("country",)),
    ],
    "orders": [
        (first_where("region", bool, "customer_id", 10**12), "REFERENCE", ("customer_id",)),
        (first_where("region", bool, "region", "east"), "EXPRESSION", ("region",)),
        (set_cell("total", Decimal("0.01")), "EXPRESSION", ("total",)),
        (set_cell("label", "O-0-0"), "EXPRESSION", ("label",)),
        (first_where("quantity", lambda q: q < 5, "rebate", Decimal("1.5")), "EXPRESSION", ("rebate",)),
        (first_where("quantity", lambda q: q > 5, "rebate", Decimal(3)), "RANGE", ("rebate",)),
        (first_where("day", bool, "paid", dt.date(2030, 1, 1)), "RANGE", ("paid",)),
    ],
    "returns": [
        (first_where("line_no", bool, "line_no", None), "REFERENCE", ("order_id", "line_no")),
    ],
}


@pytest.mark.parametrize("table", BROKEN)
def test_each_broken_cell_fails_its_own_check_and_is_shown(shop: Made, tmp_path: Path, table: str) -> None:
    """A check that cannot fail checks nothing; one that fails for another reason misleads."""

    def alter(rows: pa.Table) -> pa.Table:
        for change, _, _ in BROKEN[table]:
            rows = change(rows)
        return rows

    report = check(shop, tmp_path, {table: alter})
    found = [each for each in failed(report) if each.p_value is None]
    assert {(each.kind.value, each.columns) for each in found} == {tuple(each[1:]) for each in BROKEN[table]}
    assert [each.violations for each in found] == [1] * len(found)
    assert all(each.samples for each in found)
    assert not report.passed
    assert 0 < report.error_rate < 0.01


def test_a_document_that_cannot_be_read_is_found(shop: Made, tmp_path: Path) -> None:
    """Other checks of the column cannot go on: they fail too, and say why."""
    report = check(shop, tmp_path, {"customers": set_cell("tags", "[1,")})
    assert ("PATTERN", ("tags",)) in {(each.kind.value, each.columns) for each in failed(report)}


def test_rows_that_are_missing_are_counted(shop: Made, tmp_path: Path) -> None:
    """A lost file is a lost promise: rows, the fan-out's sum, and the parents of others."""
    report = check(shop, tmp_path, {"items": lambda table: table.slice(3)})
    kinds = {(found.kind.value, found.columns) for found in failed(report)}
    assert {("ROW_COUNT", ()), ("FAN_OUT", ("order_id",))} <= kinds
    assert next(t for t in report.tables if t.table == "items").rows == ROWS["items"] - 3


def test_too_many_children_fail_the_fan_out(shop: Made, tmp_path: Path) -> None:
    """An order of 1 to 4 lines that got a fifth, each with a number of its own."""

    def alter(table: pa.Table) -> pa.Table:
        order = table["order_id"][0].as_py()
        for number in range(5):
            table = set_cell("order_id", order, 100 + number)(table)
            table = set_cell("line_no", 50 + number, 100 + number)(table)
        return table

    found = [each for each in failed(check(shop, tmp_path, {"items": alter})) if each.kind == "FAN_OUT"]
    assert found[0].violations >= 1
    assert found[0].samples


@pytest.mark.parametrize(
    ("kind", "column", "make"),
    [
        ("NULL_FRACTION", "note", lambda row, value: None if row % 2 else value or "x"),
        ("DISTRIBUTION", "balance", lambda row, value: Decimal(row % 200)),
        ("DISTRIBUTION", "vip", lambda row, value: row % 3 > 0),
        ("DISTRIBUTION", "region", lambda row, value: "north" if row % 3 else "south"),
        ("DISTRIBUTION", "score", lambda row, value: value**1.2),
        ("CORRELATION", "score", lambda row, value: (row * 0.6180339887) % 1.0),
    ],
)
def test_another_law_fails_although_every_cell_is_possible(
    shop: Made, tmp_path: Path, kind: str, column: str, make: Callable[[int, Any], Any]
) -> None:
    """Statistics: no cell is wrong, the column is."""
    report = check(shop, tmp_path, {"customers": set_all(column, make)}, only=["customers"])
    assert kind in {found.kind.value for found in failed(report) if column in found.columns}
    assert report.error_rate == 0.0


def test_parents_of_earlier_runs_are_parents(tmp_path: Path) -> None:
    """An append refers to old rows and new ones, and must not repeat old keys."""
    appended = made(TABLES, ROWS, {"orders": 300, "customers": 50})
    assert check(appended, tmp_path).passed
    again = {"orders": set_cell("order_id", 5)}
    found = failed(check(appended, tmp_path, again))
    assert ("UNIQUE", ("order_id",)) in {(each.kind.value, each.columns) for each in found}


def test_every_declared_reference_is_checked(tmp_path: Path) -> None:
    """Keys that follow from another are drawn by it, but promised all the same."""
    sides = [TableSpec(name, (ColumnSpec("id", INT),), ("id",)) for name in "ab"]
    child = TableSpec("c", (ColumnSpec("x", INT),), foreign_keys=(key("x", "a"), key("x", "b")))
    two = made([*sides, child], {"a": 200, "b": 100, "c": 50})
    assert check(two, tmp_path).passed
    (orphan,) = failed(check(two, tmp_path, {"c": set_cell("x", 150)}))
    assert (orphan.kind.value, orphan.expected, orphan.violations) == ("REFERENCE", "in b (id)", 1)


@pytest.mark.parametrize(
    ("rule", "skipped"),
    [
        (PatternRule(r"\u00e9[ä-ü]{,3}(x|)\s"), ""),
        (MixtureRule((MixturePart(1, PatternRule(r"\U0001F600")), MixturePart(1, ConstantRule("q")))), ""),
        (ConditionalRule("s = 'x'", PatternRule(r"\u00e9")), ""),
        (ConditionalRule("s = 'x'", PatternRule(r"(a{0,50}){0,30}")), "beyond the checker's"),
    ],
)
def test_patterns_mean_the_same_to_engine_and_checker(tmp_path: Path, rule: Rule, skipped: str) -> None:
    """Good data pass whatever spelling the expression has, inside other rules too."""
    x_or_y = WeightedChoiceRule((Choice("x"), Choice("y")))
    table = TableSpec("t", (ColumnSpec("s", text(5), rule=x_or_y), ColumnSpec("p", text(1600), rule=rule)))
    report = check(made([table], {"t": 300}), tmp_path)
    assert not failed(report)
    (found,) = (each for each in report.checks if each.columns == ("p",) and each.kind.value in {"PATTERN", "DOMAIN"})
    assert bool(found.skipped) == bool(skipped)
    assert skipped in found.skipped


def test_choices_of_many_digits_have_their_shares(tmp_path: Path) -> None:
    """A decimal's text has all its digits, also where Python would write an exponent."""
    small = LogicalType(TypeKind.DECIMAL, precision=12, scale=8)
    table = TableSpec(
        "t", (ColumnSpec("d", small, rule=WeightedChoiceRule(tuple(map(Choice, ("0", "0.0000001", "0.5"))))),)
    )
    assert not failed(check(made([table], {"t": 1_000}), tmp_path))


def test_what_cannot_be_checked_says_so(shop: Made, tmp_path: Path) -> None:
    """A run of some tables has no files of the parents: that is no error, and no silence."""
    report = check(shop, tmp_path, only=["orders"])
    assert report.passed
    skipped = {found.kind.value: found.skipped for found in report.checks if found.skipped}
    assert "customers" in skipped["REFERENCE"]
    assert "customers" in skipped["EXPRESSION"]


def test_a_file_that_is_no_table_of_the_run_is_refused(shop: Made, tmp_path: Path) -> None:
    """Altered beyond reading: a fault with a reason, not a report."""
    with pytest.raises(StagedFileChanged):
        check(shop, tmp_path, {"orders": lambda table: table.set_column(5, "quantity", pa.array(["x"] * len(table)))})
    (broken := tmp_path / "broken.parquet").write_bytes(b"PAR1")
    staged = {table.name: StagedTable([StagingRoot(broken)]) for table in TABLES}
    with pytest.raises(StagedFileChanged):
        Checker(Subject(TABLES, shop.segments, shop.seed, AS_OF.isoformat(), ROWS, staged)).report()


def test_a_check_can_be_stopped(tmp_path: Path, shop: Made) -> None:
    """Whoever asked has left: the files are not read on."""
    checker = Checker(
        Subject(TABLES, shop.segments, shop.seed, AS_OF.isoformat(), ROWS, dict.fromkeys(ROWS, StagedTable()))
    )
    stopper = threading.Thread(target=checker.interrupt)
    stopper.start()
    stopper.join()
    with pytest.raises(Interrupted):
        checker.report()
