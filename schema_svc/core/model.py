"""The experiment document: exactly the fields of the contract's `Experiment`, checked piece by piece.

What spans pieces (references, cycles, names) is `check`'s affair.
"""

from typing import Any

from pydantic import Field, field_validator

from schema_svc.core.parts import Exact, Integer, Natural, NotNegative, Number, Part, Share, Whole
from schema_svc.core.rules import Rule
from schema_svc.core.vocabulary import Constraints, Dialect, FanOutLaw, State, TypeKind, WarehouseKind

DEFAULT_ROWS = 1000


class LogicalType(Part):
    """A type independent of any warehouse."""

    kind: TypeKind = TypeKind.KIND_UNSPECIFIED
    precision: int = 0
    scale: int = 0
    length: int = 0
    fixed_length: bool = False
    element: "LogicalType | None" = None


class UniformParents(Part):
    """Every parent is equally likely."""


class ZipfParents(Part):
    """Few parents are popular."""

    exponent: NotNegative = 0.0


class FanOut(Part):
    """Every parent has between min and max children."""

    min: Natural = 0
    max: Natural = 0
    law: FanOutLaw = FanOutLaw.LAW_UNSPECIFIED
    derive_rows: bool = False


class Tree(Part):
    """The table references itself in levels."""

    levels: Natural = 0


class ParentChoice(Part):
    """Which parent row a child row takes; uniform if nothing is set."""

    uniform: UniformParents | None = None
    zipf: ZipfParents | None = None
    fan_out: FanOut | None = None
    tree: Tree | None = None


class ForeignKeyTerms(Part):
    """What foreign keys of one and of several columns both say."""

    references_table: str = ""
    nullable: bool = False
    parent_choice: ParentChoice | None = None
    inferred: bool = False
    confidence: Share = 0.0
    properties: dict[str, str] = Field(default_factory=dict)


class ColumnForeignKey(ForeignKeyTerms):
    """A foreign key of one column."""

    references_column: str = ""


class ForeignKey(ForeignKeyTerms):
    """A foreign key of several columns."""

    name: str = ""
    columns: list[str] = Field(default_factory=list)
    references_columns: list[str] = Field(default_factory=list)


class KeyColumns(Part):
    """The columns of a key."""

    columns: list[str] = Field(default_factory=list)
    name: str = ""


class Distribution(Part):
    """Shorthand for a rule."""

    type: str = ""
    parameters: dict[str, Number] = Field(default_factory=dict)

    @field_validator("type")
    @classmethod
    def _lower(cls, law: str) -> str:
        return law.strip().lower()


class Column(Part):
    """One column."""

    name: str = ""
    data_type: str = ""
    required: bool = False
    is_unique: bool = False
    varchar_length: Integer | None = None
    min_value: Number | None = None
    max_value: Number | None = None
    date_start: Exact = ""
    date_end: Exact = ""
    null_fraction: Number | None = None
    faker_rule: str = ""
    distribution: Distribution | None = None
    foreign_key: ColumnForeignKey | None = None
    rule: Rule | None = None
    inferred: bool = False
    source_type: str = ""
    logical_type: LogicalType | None = None
    properties: dict[str, str] = Field(default_factory=dict)


class Correlation(Part):
    """Rank correlations among columns."""

    columns: list[str] = Field(default_factory=list)
    rank_correlations: list[Number] = Field(default_factory=list)


class Table(Part):
    """One table."""

    name: str = ""
    target_rows: Whole | None = None
    columns: list[Column] = Field(default_factory=list)
    primary_key: list[str] = Field(default_factory=list)
    unique_keys: list[KeyColumns] = Field(default_factory=list)
    foreign_keys: list[ForeignKey] = Field(default_factory=list)
    composite_keys: list[KeyColumns] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    properties: dict[str, str] = Field(default_factory=dict)
    checks: list[str] = Field(default_factory=list)
    correlations: list[Correlation] = Field(default_factory=list)
    schema_name: str = ""

    def column(self, name: str) -> Column | None:
        """Find a column by its exact name."""
        return next((column for column in self.columns if column.name == name), None)

    def unique_groups(self) -> list[list[str]]:
        """Column groups whose tuples are unique."""
        single = [[column.name] for column in self.columns if column.is_unique]
        groups = [key.columns for key in (*self.unique_keys, *self.composite_keys)]
        return [key for key in (self.primary_key, *single, *groups) if key]


class View(Part):
    """A view of the user's DDL."""

    name: str = ""
    sql: str = ""
    materialized: bool = False


class Experiment(Part):
    """The whole document."""

    name: str = ""
    description: str = ""
    dialect: Dialect = Dialect.NAME_UNSPECIFIED
    target_warehouse: WarehouseKind = WarehouseKind.KIND_UNSPECIFIED
    tables: list[Table] = Field(default_factory=list)
    constraints: Constraints = Constraints.CONSTRAINTS_UNSPECIFIED
    views: list[View] = Field(default_factory=list)
    id: str = ""
    revision: int = 0
    etag: str = ""
    state: State = State.STATE_UNSPECIFIED
    deleting_reason: str = ""
    create_time: str | None = None
    update_time: str | None = None

    def table(self, name: str) -> Table | None:
        """Find a table by its exact name."""
        return next((table for table in self.tables if table.name == name), None)

    def tables_by_name(self) -> dict[str, Table]:
        """Tables by their exact names."""
        return {table.name: table for table in self.tables}

    def warnings(self) -> list[str]:
        """The warnings of all tables."""
        return [warning for table in self.tables for warning in table.warnings]

    def document(self) -> dict[str, Any]:
        """The document as plain data, without what is at its default."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
