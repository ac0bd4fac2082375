"""Where the tables of an experiment are, as the loader said it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from query_svc.core.types import SqlType


@dataclass(frozen=True)
class Column:
    """A column of a loaded table; `declared` is the type as the user's DDL wrote it.

    `target` is its name in the warehouse where that is another one; `properties` has its ENCODE and the like.
    """

    name: str
    declared: str
    type: SqlType
    required: bool = False
    target: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A loaded table; `target` is its name in the warehouse."""

    name: str
    target: str
    columns: Sequence[Column]
    rows: int = 0
    primary_key: Sequence[str] = ()
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """A query by name; the names of its tables are qualified, so that it means the same wherever it is read."""

    name: str
    sql: str
    dialect: str


@dataclass(frozen=True)
class Place:
    """An experiment's tables in a warehouse; `generation` grows with every load and drop.

    `scratch` is the user's own place beside it, whose names come first and which may have `views`.
    """

    experiment_id: str
    experiment: str
    warehouse: str
    namespace: str
    dialect: str
    tables: Sequence[Table]
    generation: int = 0
    views: Sequence[View] = ()
    scratch: "Place | None" = None

    def table(self, name: str) -> Table | None:
        """Table of this name, exactly or without regard to case."""
        for table in self.tables:
            if table.name == name:
                return table
        return next((t for t in self.tables if t.name.lower() == name.lower()), None)

    def view(self, name: str) -> View | None:
        """View of this name, without regard to case."""
        return next((v for v in self.views if v.name.lower() == name.lower()), None)

    @property
    def catalogued(self) -> "Place":
        """The place as catalogs list it: with the tables of its scratch."""
        return replace(self, tables=(*self.tables, *self.scratch.tables)) if self.scratch else self
