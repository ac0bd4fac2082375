"""The experiment document (proto JSON as a dictionary) -> tables as the cell engine takes them.

A column's `rule` wins over its shorthand fields; composite and single foreign keys become one list; a foreign key of
the table's list wins over the column's own to the same table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator_svc.core.rule_document import read_rule
from generator_svc.core.shorthand import shorthand_rule
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

DEFAULT_ROWS = 1000
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DerivedRows:
    """A table's rows follow from its parents' rows: `numerator / 2` children for each parent."""

    parent_table: str
    numerator: int


def read_tables(document: Document) -> tuple[TableSpec, ...]:
    """Tables of an experiment, in the document's order."""
    tables = document.get("tables", ())
    keys = {table["name"]: tuple(table.get("primary_key", ())) for table in tables}
    return tuple(_table(table, keys) for table in tables)


def read_target_rows(document: Document) -> dict[str, int]:
    """Rows that each table has if a run does not say otherwise."""
    return {table["name"]: int(table.get("target_rows", DEFAULT_ROWS)) for table in document.get("tables", ())}


def read_derived_rows(document: Document) -> dict[str, DerivedRows]:
    """Tables whose rows follow from their parents', with the parent that decides."""
    derived = {}
    for table in document.get("tables", ()):
        for key in _key_documents(table).values():
            fan_out = key.get("parent_choice", {}).get("fan_out", {})
            if fan_out.get("derive_rows"):
                derived[table["name"]] = DerivedRows(key["references_table"], _fewest(fan_out) + _most(fan_out))
    return derived


def _table(table: Document, primary_keys: Mapping[str, tuple[str, ...]]) -> TableSpec:
    primary_key = tuple(table.get("primary_key", ()))
    unique_keys = _keys(table.get("unique_keys", ()))
    required = {column["name"] for column in table["columns"] if column.get("required")} | set(primary_key)
    return TableSpec(
        name=table["name"],
        columns=tuple(_column(column, primary_key, unique_keys) for column in table["columns"]),
        primary_key=primary_key,
        unique_keys=unique_keys,
        composite_keys=_keys(table.get("composite_keys", ())),
        foreign_keys=tuple(_foreign_key(key, primary_keys, required) for key in _key_documents(table).values()),
        correlations=tuple(
            Correlation(tuple(group["columns"]), tuple(map(float, group.get("rank_correlations", ()))))
            for group in table.get("correlations", ())
        ),
    )


def _keys(keys: Sequence[Document]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(key["columns"]) for key in keys)


def _column(column: Document, primary_key: tuple[str, ...], unique_keys: tuple[tuple[str, ...], ...]) -> ColumnSpec:
    name = column["name"]
    kind = _logical_type(column)
    primary = primary_key == (name,)
    unique = bool(column.get("is_unique")) or primary or (name,) in unique_keys
    rule = read_rule(column.get("rule", {}))
    return ColumnSpec(
        name=name,
        type=kind,
        data_type=column.get("data_type", ""),
        required=bool(column.get("required")),
        is_unique=unique,
        null_fraction=column.get("null_fraction"),
        rule=rule or shorthand_rule(column, kind, unique=unique, primary=primary),
    )


def _logical_type(column: Document) -> LogicalType:
    """Read the parsed type; `varchar_length` is the length of text written without one."""
    facts = column["logical_type"]
    return LogicalType(
        kind=TypeKind(facts["kind"]),
        precision=int(facts.get("precision", 0)),
        scale=int(facts.get("scale", 0)),
        length=int(facts.get("length", 0)) or int(column.get("varchar_length") or 0),
        fixed_length=bool(facts.get("fixed_length")),
    )


def _key_documents(table: Document) -> dict[tuple[str, ...], Document]:
    """Foreign keys by parent and columns, those of columns in the form of those of tables."""
    keys: dict[tuple[str, ...], Document] = {}
    for column in table["columns"]:
        if key := column.get("foreign_key"):
            referenced = [key["references_column"]] if key.get("references_column") else []
            named = {**key, "columns": [column["name"]], "references_columns": referenced}
            keys[key["references_table"], column["name"]] = named
    return keys | {(key["references_table"], *key["columns"]): key for key in table.get("foreign_keys", ())}


def _foreign_key(key: Document, primary_keys: Mapping[str, tuple[str, ...]], required: set[str]) -> ForeignKeySpec:
    columns = tuple(key["columns"])
    return ForeignKeySpec(
        columns=columns,
        parent_table=key["references_table"],
        parent_columns=tuple(key.get("references_columns", ())) or primary_keys.get(key["references_table"], ()),
        nullable=bool(key.get("nullable")) and not required.intersection(columns),
        choice=_choice(key.get("parent_choice", {})),
    )


def _choice(choice: Document) -> ParentChoice:
    if "zipf" in choice:
        return ZipfParents(float(choice["zipf"].get("exponent") or ZipfParents().exponent))
    if "fan_out" in choice:
        fan_out = choice["fan_out"]
        return FanOut(_fewest(fan_out), _most(fan_out), fan_out.get("law") == "SKEWED")
    if "tree" in choice:
        return Tree(int(choice["tree"].get("levels") or Tree().levels))
    return UniformParents()


def _fewest(fan_out: Document) -> int:
    return int(fan_out.get("min", 0))


def _most(fan_out: Document) -> int:
    return int(fan_out.get("max", 0))
