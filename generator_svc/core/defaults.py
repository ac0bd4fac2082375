"""Rules of columns that nobody described, so that any imported table generates."""

from typing import Final

from generator_svc.core.kernels.guess import guess_rule
from generator_svc.core.rules import (
    BinaryRule,
    BooleanRule,
    PermutedRule,
    Rule,
    SequenceRule,
    TextRule,
    UniformRule,
    UuidRule,
)
from generator_svc.core.spec import ColumnSpec, TypeKind

_INTEGERS: Final = frozenset({TypeKind.INT16, TypeKind.INT32, TypeKind.INT64})


def default_rule(table: str, column: ColumnSpec, *, primary: bool, distinct: bool) -> Rule:
    """Rule by type and name: a sequence for an integer primary key, a seeded order for another distinct integer."""
    match column.type.kind:
        case TypeKind.INT16 | TypeKind.INT32 | TypeKind.INT64 if primary:
            return SequenceRule()
        case TypeKind.INT16 | TypeKind.INT32 | TypeKind.INT64 if distinct:
            return PermutedRule()
        case TypeKind.BOOLEAN:
            return BooleanRule()
        case TypeKind.UUID:
            return UuidRule()
        case TypeKind.BINARY:
            return BinaryRule()
        case TypeKind.STRING:
            return guess_rule(table, column, distinct=distinct) or TextRule()
        case _:
            return UniformRule()
