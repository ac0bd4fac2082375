"""The experiment document as the loader reads it: tables, columns, types and keys, without rules.

A run pins its document whole, so a load needs no schema service. The catalog in the target is written from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

_ENFORCED = {"INFORMATIONAL": False, "ENFORCED": True}


@dataclass(frozen=True, slots=True)
class LogicalType:
    """A column's type, independent of any warehouse; kinds are the names of dwsim.common.v1.LogicalType.Kind."""

    kind: str
    precision: int = 0
    scale: int = 0
    length: int = 0
    fixed_length: bool = False
    element: "LogicalType | None" = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `data_type` is what the user's DDL said, `target` its name in a target that gives it another one.

    `properties` are those of a dialect, such as ENCODE.
    """

    name: str
    data_type: str
    logical_type: LogicalType
    required: bool = False
    target: str = ""
    properties: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values are those of another table."""

    columns: tuple[str, ...]
    references_table: str
    references_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table with its keys; `unique_keys` has composite keys and unique columns too."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    properties: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """What the loader needs to know of an experiment.

    An empty `target_warehouse` and None for `enforced` leave the choice to the server.
    """

    dialect: str
    target_warehouse: str
    enforced: bool | None
    tables: tuple[Table, ...]


def parse_experiment(document: Mapping[str, Any]) -> Experiment:
    """Read the proto JSON of an experiment."""
    return Experiment(
        dialect=_name(document.get("dialect")),
        target_warehouse=_name(document.get("target_warehouse")),
        enforced=_ENFORCED.get(_name(document.get("constraints"))),
        tables=tuple(_table(item) for item in document.get("tables", ())),
    )


def table_facts(table: Table) -> dict[str, Any]:
    """Turn a table into JSON values that `read_table` reads."""
    return asdict(table)


def read_table(facts: Mapping[str, Any]) -> Table:
    """Read what `table_facts` wrote."""
    return Table(
        name=facts["name"],
        columns=tuple(
            Column(
                name=c["name"],
                data_type=c["data_type"],
                logical_type=_logical_type(c["logical_type"]),
                required=c["required"],
                target=c.get("target", ""),
                properties=c.get("properties"),
            )
            for c in facts["columns"]
        ),
        primary_key=tuple(facts["primary_key"]),
        unique_keys=tuple(tuple(key) for key in facts["unique_keys"]),
        foreign_keys=tuple(_foreign_key(key) for key in facts["foreign_keys"]),
        properties=dict(facts["properties"] or {}),
    )


def _name(value: object) -> str:
    return "" if value is None or str(value).endswith("_UNSPECIFIED") else str(value)


def _table(item: Mapping[str, Any]) -> Table:
    columns = item.get("columns", ())
    unique = [tuple(key["columns"]) for name in ("unique_keys", "composite_keys") for key in item.get(name, ())]
    unique += [(c["name"],) for c in columns if c.get("is_unique")]
    primary = tuple(item.get("primary_key", ()))
    single = (
        {"columns": [c["name"]], **c["foreign_key"], "references_columns": [c["foreign_key"]["references_column"]]}
        for c in columns
        if c.get("foreign_key", {}).get("references_column")
    )
    return Table(
        name=item["name"],
        columns=tuple(_column(c) for c in columns),
        primary_key=primary,
        unique_keys=_distinct(key for key in unique if key != primary),
        foreign_keys=tuple(_foreign_key(key) for key in (*single, *item.get("foreign_keys", ()))),
        properties=dict(item.get("properties", {})),
    )


def _distinct(keys: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(key for key in keys if key))


def _column(item: Mapping[str, Any]) -> Column:
    return Column(
        name=item["name"],
        data_type=item.get("source_type") or item.get("data_type", ""),
        logical_type=_logical_type(item.get("logical_type", {})),
        required=bool(item.get("required")),
        properties=dict(item["properties"]) if item.get("properties") else None,
    )


def _logical_type(item: Mapping[str, Any]) -> LogicalType:
    return LogicalType(
        kind=_name(item.get("kind")),
        precision=int(item.get("precision", 0)),
        scale=int(item.get("scale", 0)),
        length=int(item.get("length", 0)),
        fixed_length=bool(item.get("fixed_length")),
        element=_logical_type(item["element"]) if item.get("element") else None,
    )


def _foreign_key(item: Mapping[str, Any]) -> ForeignKey:
    return ForeignKey(tuple(item["columns"]), item["references_table"], tuple(item.get("references_columns", ())))
