"""A scratch: a place beside an experiment that belongs to one client."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from query_svc.core.catalog import Column, Place, Table, View
from query_svc.core.types import Form, Kind, SqlType


@dataclass(frozen=True)
class Scratch:
    """Who owns it, where it is, what is in it; times are in seconds since 1970."""

    scratch_id: str
    owner: str
    experiment_id: str
    experiment: str
    name: str
    warehouse: str
    namespace: str
    created: float
    used: float
    generation: int = 0
    tables: tuple[Table, ...] = field(default=())
    views: tuple[View, ...] = field(default=())

    @property
    def place(self) -> Place:
        """The scratch as statements see it, by its own name."""
        return Place(
            experiment_id=self.scratch_id,
            experiment=self.name,
            warehouse=self.warehouse,
            namespace=self.namespace,
            dialect="",
            tables=self.tables,
            generation=self.generation,
            views=self.views,
        )


def contents_text(tables: tuple[Table, ...], views: tuple[View, ...]) -> str:
    """Tables and views as JSON."""
    return json.dumps({"tables": [asdict(t) for t in tables], "views": [asdict(v) for v in views]}, default=_enum_name)


def contents_of(text: str) -> tuple[tuple[Table, ...], tuple[View, ...]]:
    """Tables and views from JSON."""
    read = json.loads(text)
    return tuple(_table(facts) for facts in read["tables"]), tuple(View(**facts) for facts in read["views"])


def _enum_name(value: Any) -> str:
    return str(value.name)


def _table(facts: Mapping[str, Any]) -> Table:
    return Table(**{**facts, "columns": tuple(_column(column) for column in facts["columns"])})


def _column(facts: Mapping[str, Any]) -> Column:
    kind = facts["type"]
    return Column(**{**facts, "type": SqlType(**{**kind, "kind": Kind[kind["kind"]], "form": Form[kind["form"]]})})
