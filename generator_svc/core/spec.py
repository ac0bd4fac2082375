"""What the cell engine is told: tables, columns, keys, segments. Frozen values, no behaviour.

The shell resolves the document's shorthand (`min_value`, `faker_rule`, …) into rules before it comes here; a column
without a rule takes the default of its type and name. Rules are in `rules.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from generator_svc.core.rules import Rule


class TypeKind(StrEnum):
    """Kinds of values, named as `dwsim.common.v1.LogicalType.Kind` names them."""

    BOOLEAN = "BOOLEAN"
    INT16 = "INT16"
    INT32 = "INT32"
    INT64 = "INT64"
    FLOAT32 = "FLOAT32"
    FLOAT64 = "FLOAT64"
    DECIMAL = "DECIMAL"
    STRING = "STRING"
    BINARY = "BINARY"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP = "TIMESTAMP"
    TIMESTAMP_TZ = "TIMESTAMP_TZ"
    JSON = "JSON"
    UUID = "UUID"
    ARRAY = "ARRAY"
    INTERVAL = "INTERVAL"
    GEOGRAPHY = "GEOGRAPHY"
    VECTOR = "VECTOR"


@dataclass(frozen=True, slots=True)
class LogicalType:
    """A column's type, independent of any warehouse; `length` 0 is unbounded."""

    kind: TypeKind
    precision: int = 0
    scale: int = 0
    length: int = 0
    fixed_length: bool = False


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column. `null_fraction` None is the default: 0, or 0.1 where a nullable foreign key covers the column."""

    name: str
    type: LogicalType
    data_type: str = ""
    required: bool = False
    is_unique: bool = False
    null_fraction: float | None = None
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class UniformParents:
    """Every parent is equally likely."""


@dataclass(frozen=True, slots=True)
class ZipfParents:
    """Parent k of a seeded order has weight k^-exponent."""

    exponent: float = 1.1


@dataclass(frozen=True, slots=True)
class FanOut:
    """Every parent has between `min` and `max` children, in sum exactly the child's rows.

    `max` 0 means that only the total limits it. `skewed` gives few parents many children.
    """

    min: int = 0
    max: int = 0
    skewed: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
    """A self-reference laid out in `levels` levels; the rows of the first are NULL."""

    levels: int = 4


ParentChoice = UniformParents | ZipfParents | FanOut | Tree


@dataclass(frozen=True, slots=True)
class ForeignKeySpec:
    """Columns of this table whose values are those of one parent row; `nullable` makes all of them NULL at once.

    `also` names further tables that have the same values in their first rows: a child takes what all of them have.
    """

    columns: tuple[str, ...]
    parent_table: str
    parent_columns: tuple[str, ...]
    nullable: bool = False
    choice: ParentChoice = UniformParents()
    also: tuple[str, ...] = ()

    @property
    def parents(self) -> tuple[str, ...]:
        """All tables that must have the values: they have them in rows of the same numbers."""
        return (self.parent_table, *self.also)


@dataclass(frozen=True, slots=True)
class Correlation:
    """Rank correlations among numeric columns: a matrix by rows."""

    columns: tuple[str, ...]
    rank_correlations: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table. Keys are tuples of column names; `foreign_keys` holds those of one column too."""

    name: str
    columns: tuple[ColumnSpec, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    composite_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKeySpec, ...] = ()
    correlations: tuple[Correlation, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows `first_row` … `first_row + rows - 1`, made while each parent table had `parent_rows[parent]` rows.

    `version` is that of the change set that inserted them, 0 for those of full runs and appends.
    """

    first_row: int
    rows: int
    parent_rows: Mapping[str, int] = field(default_factory=dict)
    version: int = 0
