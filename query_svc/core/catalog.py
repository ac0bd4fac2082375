"""Where the tables of an experiment are, as the loader said it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
class Place:
    """An experiment's tables in a warehouse; `generation` grows with every load and drop."""

    experiment_id: str
    experiment: str
    warehouse: str
    namespace: str
    dialect: str
    tables: Sequence[Table]
    generation: int = 0

    def table(self, name: str) -> Table | None:
        """Table of this name, exactly or without regard to case."""
        for table in self.tables:
            if table.name == name:
                return table
        return next((t for t in self.tables if t.name.lower() == name.lower()), None)
