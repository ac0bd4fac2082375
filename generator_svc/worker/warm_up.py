"""Compiles, or loads from the cache, the kernels that most tables use, while nobody waits yet."""

import datetime as dt

from generator_svc.core.content_hash import ContentHash
from generator_svc.core.plan import Plan
from generator_svc.core.rules import Choice, NormalRule, OffsetRule, Rule, WeightedChoiceRule, ZipfRule
from generator_svc.core.run import Batch
from generator_svc.core.segments import first_segments
from generator_svc.core.spec import ColumnSpec, ForeignKeySpec, LogicalType, TableSpec, TypeKind

ROWS = 16
COLUMNS = {
    "id": LogicalType(TypeKind.INT64),
    "parent_id": LogicalType(TypeKind.INT64),
    "email": LogicalType(TypeKind.STRING, length=80),
    "name": LogicalType(TypeKind.STRING, length=40),
    "status": LogicalType(TypeKind.STRING, length=20),
    "note": LogicalType(TypeKind.STRING, length=40),
    "quantity": LogicalType(TypeKind.INT32),
    "amount": LogicalType(TypeKind.DECIMAL, precision=12, scale=2),
    "score": LogicalType(TypeKind.FLOAT64),
    "active": LogicalType(TypeKind.BOOLEAN),
    "day": LogicalType(TypeKind.DATE),
    "at": LogicalType(TypeKind.TIMESTAMP),
}
RULES: dict[str, tuple[LogicalType, Rule]] = {
    "sold": (LogicalType(TypeKind.INT32), ZipfRule()),
    "price": (LogicalType(TypeKind.DECIMAL, precision=12, scale=2), NormalRule(45, 60)),
    "sent": (LogicalType(TypeKind.TIMESTAMP), OffsetRule("at", 0, 86_400)),
    "state": (LogicalType(TypeKind.STRING, length=20), WeightedChoiceRule((Choice("new"), Choice("paid")))),
}
"""Rules that imports infer most."""


def warm_up() -> None:
    """Make and hash a few rows of a small table."""
    columns = tuple(ColumnSpec(name, kind, required=name == "id") for name, kind in COLUMNS.items())
    columns += tuple(ColumnSpec(name, kind, rule=rule) for name, (kind, rule) in RULES.items())
    parent = ForeignKeySpec(("parent_id",), "parent", ("id",), nullable=True)
    tables = (
        TableSpec("parent", columns[:1], primary_key=("id",)),
        TableSpec("child", columns, primary_key=("id",), foreign_keys=(parent,)),
    )
    plan = Plan(tables, first_segments(tables, {"parent": ROWS, "child": ROWS}), 0, dt.date(2026, 1, 1))
    for name in plan.order:
        ContentHash().add(*plan.made(Batch(name, 0, 0, ROWS)))
