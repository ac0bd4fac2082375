"""Tables that between them have every type, rule, foreign key and key of several columns."""

import datetime as dt
from collections.abc import Mapping, Sequence

from generator_svc.core.plan import Plan, first_segments, next_segments
from generator_svc.core.rules import (
    BinaryRule,
    BooleanRule,
    Bounds,
    BoundsMode,
    Choice,
    ConditionalRule,
    ConstantRule,
    DerivedRule,
    LookupRule,
    NormalRule,
    OffsetRule,
    OffsetUnit,
    PermutedRule,
    Rule,
    SequenceRule,
    UniformRule,
    WeightedChoiceRule,
    ZipfRule,
)
from generator_svc.core.spec import (
    ColumnSpec,
    Correlation,
    FanOut,
    ForeignKeySpec,
    LogicalType,
    ParentChoice,
    TableSpec,
    Tree,
    TypeKind,
    UniformParents,
    ZipfParents,
)
from tests.generator_svc.core.law_catalog import NUMBERS_AND_TIMES

AS_OF = dt.date(2026, 1, 1)
SEED = 42

BOOLEAN = LogicalType(TypeKind.BOOLEAN)
SMALLINT = LogicalType(TypeKind.INT16)
INT = LogicalType(TypeKind.INT32)
BIGINT = LogicalType(TypeKind.INT64)
REAL = LogicalType(TypeKind.FLOAT32)
DOUBLE = LogicalType(TypeKind.FLOAT64)
MONEY = LogicalType(TypeKind.DECIMAL, precision=12, scale=2)
WIDE = LogicalType(TypeKind.DECIMAL, precision=38, scale=20)
DATE = LogicalType(TypeKind.DATE)
TIME = LogicalType(TypeKind.TIME)
TIMESTAMP = LogicalType(TypeKind.TIMESTAMP)
INSTANT = LogicalType(TypeKind.TIMESTAMP_TZ)


def text(length: int) -> LogicalType:
    return LogicalType(TypeKind.STRING, length=length)


def key(column: str, parent: str, choice: ParentChoice | None = None, *, nullable: bool = False) -> ForeignKeySpec:
    return ForeignKeySpec((column,), parent, (), nullable, choice or UniformParents())


def plan(tables: Sequence[TableSpec], rows: Mapping[str, int], *appends: Mapping[str, int], seed: int = SEED) -> Plan:
    """Plan of a first run and the appends after it."""
    segments = first_segments(tables, rows)
    for added in appends:
        segments = next_segments(segments, added)
    return Plan(tables, segments, seed, AS_OF)


def one_column(logical: LogicalType, rule: Rule | None, **facts: bool | float) -> TableSpec:
    """Table `t` of one column `c`."""
    return TableSpec("t", (ColumnSpec("c", logical, rule=rule, **facts),))  # type: ignore[arg-type]  # facts by name


EVERY_TYPE = TableSpec(
    "every_type",
    tuple(ColumnSpec(kind.value.lower(), LogicalType(kind, 12, 2, 24), null_fraction=0.1) for kind in TypeKind),
)

_COLOURS = WeightedChoiceRule((Choice("red", 5), Choice("green", 3), Choice("blue", 0.001)))
_LAWS: dict[str, tuple[LogicalType, Rule]] = {
    "sequence": (INT, SequenceRule(10, -3)),
    "sequence_decimal": (MONEY, SequenceRule(5, -2)),
    "sequence_text": (text(12), SequenceRule(1000, 7)),
    "permuted": (BIGINT, PermutedRule()),
    "permuted_range": (INT, PermutedRule(-500_000, 5_000_000)),
    "uniform_small": (SMALLINT, UniformRule("-3", "3")),
    "uniform_all": (BIGINT, UniformRule(str(-(2**63)), str(2**63 - 1))),
    "uniform_decimal": (MONEY, UniformRule("-10.5", "999.99")),
    "uniform_wide": (WIDE, UniformRule("0", "9999999999")),
    "uniform_float": (DOUBLE, UniformRule("-1", "1")),
    "uniform_real": (REAL, UniformRule("0", "1e30")),
    "uniform_date": (DATE, UniformRule("1999-12-30", "2000-01-02")),
    "uniform_moment": (TIMESTAMP, UniformRule("2024-02-28", "2024-03-01")),
    "uniform_instant": (INSTANT, UniformRule("2024-02-28T12:00:00.5+02:00", "2024-03-01T00:00:00Z")),
    "uniform_time": (TIME, UniformRule("08:00", "17:30:00")),
    "normal_int": (INT, NormalRule(100, 15)),
    "normal_decimal": (MONEY, NormalRule(150, 50, Bounds("0", "1000"))),
    "normal_clipped": (MONEY, NormalRule(10, 10, Bounds("0", "20", BoundsMode.CLIP))),
    "normal_outliers": (DOUBLE, NormalRule(0, 1, Bounds(outlier_fraction=0.01, decimals=3))),
    "zipf": (INT, ZipfRule(1.3, 10**6)),
    "zipf_one": (BIGINT, ZipfRule(1.0, 10**12)),
    "choice": (text(10), _COLOURS),
    "choice_money": (MONEY, WeightedChoiceRule((Choice("1.50"), Choice("-2")))),
    "constant": (DATE, ConstantRule("2020-02-29")),
    "often": (BOOLEAN, BooleanRule(0.9)),
    "bytes": (LogicalType(TypeKind.BINARY, length=40), BinaryRule(3, 30)),
}
EVERY_LAW = TableSpec("every_law", tuple(ColumnSpec(name, kind, rule=rule) for name, (kind, rule) in _LAWS.items()))

OFFSETS = TableSpec(
    "offsets",
    (
        ColumnSpec("closed_at", TIMESTAMP, rule=OffsetRule("paid_on", -30, 30, OffsetUnit.HOURS)),
        ColumnSpec("created_at", TIMESTAMP, null_fraction=0.1),
        ColumnSpec("paid_on", DATE, null_fraction=0.2, rule=OffsetRule("created_at", 1, 14)),
        ColumnSpec("due_on", DATE, rule=OffsetRule("created_at", 20, 30, OffsetUnit.HOURS)),
        ColumnSpec("seen_at", INSTANT, required=True, rule=OffsetRule("created_at", 0, 10**12)),
        ColumnSpec("opens", TIME, rule=UniformRule("06:00", "23:59")),
        ColumnSpec("closes", TIME, rule=OffsetRule("opens", 30, 600, OffsetUnit.MINUTES)),
        ColumnSpec("low", SMALLINT, rule=UniformRule("-32768", "32767")),
        ColumnSpec("high", SMALLINT, rule=OffsetRule("low", -5, 100)),
        ColumnSpec("price", MONEY, rule=OffsetRule("low", 1, 9)),
        ColumnSpec("gross", WIDE, rule=OffsetRule("price", -(10**9), 10**9)),
        ColumnSpec("ratio", REAL, rule=OffsetRule("low", 0, 3)),
    ),
)

DISTINCT = TableSpec(
    "distinct_columns",
    (
        ColumnSpec("id", INT),
        ColumnSpec("number", INT, is_unique=True),
        ColumnSpec("money", MONEY, is_unique=True),
        ColumnSpec("day", DATE, is_unique=True),
        ColumnSpec("clock", TIME, is_unique=True),
        ColumnSpec("moment", TIMESTAMP, is_unique=True),
        ColumnSpec("ratio", DOUBLE, is_unique=True),
        ColumnSpec("small_ratio", REAL, is_unique=True),
        ColumnSpec("email", text(40), is_unique=True),
        ColumnSpec("token", LogicalType(TypeKind.UUID), is_unique=True),
        ColumnSpec("document", LogicalType(TypeKind.JSON), is_unique=True),
        ColumnSpec("bytes", LogicalType(TypeKind.BINARY, length=8), is_unique=True),
        ColumnSpec("ranged", INT, is_unique=True, rule=UniformRule("-50000", "50000")),
    ),
    primary_key=("id",),
)

CUSTOMERS = TableSpec(
    "customers",
    (
        ColumnSpec("customer_id", INT, required=True),
        ColumnSpec("email", text(60), is_unique=True),
        ColumnSpec("referrer_id", INT),
    ),
    primary_key=("customer_id",),
    foreign_keys=(key("referrer_id", "customers", Tree(3), nullable=True),),
)
PRODUCTS = TableSpec(
    "products",
    (ColumnSpec("sku", text(12), required=True), ColumnSpec("price", MONEY, required=True)),
    primary_key=("sku",),
)
ORDERS = TableSpec(
    "orders",
    (
        ColumnSpec("order_id", BIGINT, required=True, is_unique=True),
        ColumnSpec("customer_id", INT, required=True),
        ColumnSpec("coupon_of", INT),
        ColumnSpec("created_at", TIMESTAMP, required=True),
    ),
    foreign_keys=(
        ForeignKeySpec(("customer_id",), "customers", ("customer_id",), choice=ZipfParents(1.1)),
        ForeignKeySpec(("coupon_of",), "customers", ("customer_id",), nullable=True),
    ),
)
ORDER_ITEMS = TableSpec(
    "order_items",
    (
        ColumnSpec("order_id", BIGINT, required=True),
        ColumnSpec("line_no", SMALLINT, required=True),
        ColumnSpec("sku", text(12), required=True),
        ColumnSpec("quantity", INT),
    ),
    composite_keys=(("order_id", "line_no"), ("order_id", "sku")),
    foreign_keys=(
        ForeignKeySpec(("order_id",), "orders", ("order_id",), choice=FanOut(1, 7)),
        ForeignKeySpec(("sku",), "products", ("sku",)),
    ),
)
RETURNS = TableSpec(
    "returns",
    (
        ColumnSpec("return_id", INT, required=True),
        ColumnSpec("order_id", BIGINT),
        ColumnSpec("line_no", SMALLINT),
    ),
    primary_key=("return_id",),
    foreign_keys=(ForeignKeySpec(("order_id", "line_no"), "order_items", ("order_id", "line_no"), nullable=True),),
)
PROFILES = TableSpec(
    "profiles",
    (ColumnSpec("customer_id", INT, required=True), ColumnSpec("level", SMALLINT)),
    primary_key=("customer_id",),
    foreign_keys=(key("customer_id", "customers"),),
)
SALES = TableSpec(
    "sales",
    (
        ColumnSpec("_row_id", INT, required=True),
        ColumnSpec("region_id", INT, required=True),
        ColumnSpec("day", DATE, required=True),
        ColumnSpec("channel", text(8), required=True, rule=_COLOURS),
    ),
    primary_key=("_row_id",),
    composite_keys=(("region_id", "day", "channel"),),
)
PARCELS = TableSpec(
    "parcels",
    (
        ColumnSpec("order_id", BIGINT, required=True),
        ColumnSpec("customer_id", INT),
        ColumnSpec("email", text(60), rule=LookupRule("customer_id", "email"), null_fraction=0.1),
        ColumnSpec("referrer_id", INT, rule=LookupRule("customer_id", "referrer_id")),
        ColumnSpec("ordered_at", TIMESTAMP, required=True, rule=LookupRule("order_id", "created_at")),
        ColumnSpec("sent_on", DATE, rule=OffsetRule("order_id.created_at", 1, 14), null_fraction=0.2),
        ColumnSpec("arrived_on", DATE, rule=ConditionalRule("state = 'there'", OffsetRule("sent_on", 1, 9))),
        ColumnSpec("state", text(8), rule=WeightedChoiceRule((Choice("there", 3), Choice("on road")))),
        ColumnSpec("units", INT, rule=UniformRule("1", "9"), null_fraction=0.1),
        ColumnSpec("price", MONEY, rule=NormalRule(150, 40, Bounds("1", "999"))),
        ColumnSpec("weight", DOUBLE, rule=UniformRule("0.1", "30")),
        ColumnSpec("total", MONEY, rule=DerivedRule("round(units * price * 1.19, 2)")),
        ColumnSpec("label", text(40), rule=DerivedRule("upper(left(state, 2)) || '-' || coalesce(units, 0)")),
        ColumnSpec("late", BOOLEAN, rule=DerivedRule("sent_on > cast(ordered_at as date) + interval 10 day")),
        ColumnSpec(
            "fee",
            MONEY,
            required=True,
            rule=ConditionalRule(
                "weight > 20", UniformRule("10", "20"), ConditionalRule("weight > 10", ConstantRule("5"), ZipfRule())
            ),
        ),
    ),
    foreign_keys=(
        ForeignKeySpec(("order_id",), "orders", ("order_id",)),
        ForeignKeySpec(("customer_id",), "customers", ("customer_id",), nullable=True),
    ),
    correlations=(Correlation(("price", "weight"), (1, 0.8, 0.8, 1)),),
)
SHOP = (PARCELS, RETURNS, ORDER_ITEMS, PROFILES, ORDERS, PRODUCTS, CUSTOMERS, SALES)
SHOP_ROWS = {
    "customers": 400,
    "products": 60,
    "orders": 1_000,
    "order_items": 3_000,
    "returns": 500,
    "profiles": 250,
    "sales": 2_000,
    "parcels": 1_500,
}
EVERYTHING = (EVERY_TYPE, EVERY_LAW, NUMBERS_AND_TIMES, OFFSETS, DISTINCT, *SHOP)
EVERYTHING_ROWS = {
    **dict.fromkeys(("offsets", "every_type", "every_law", "numbers_and_times", "distinct_columns"), 3_000),
    **SHOP_ROWS,
}
APPENDS = (
    {"customers": 50, "orders": 120, "order_items": 300, "returns": 40, "profiles": 100, "sales": 700, "every_law": 99},
    {
        "parcels": 300,
        "numbers_and_times": 500,
        "order_items": 200,
        "profiles": 80,
        "products": 9,
        "sales": 9_000,
        "distinct_columns": 1_000,
    },
)
