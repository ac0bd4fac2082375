"""Drafts of a text -> tables of an experiment: names across schemas, keys on their columns."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from schema_svc.core.ddl.cursor import TableName
from schema_svc.core.ddl.draft import Drafts, Reference, Sequence, TableDraft
from schema_svc.core.ddl.identity import sequence_of_default
from schema_svc.core.graph import DEFERRED, required_cycles
from schema_svc.core.model import ColumnForeignKey, Experiment, ForeignKey, ForeignKeyTerms, KeyColumns, Table
from schema_svc.core.names import fold, likely
from schema_svc.core.rules import Rule, SequenceRule
from schema_svc.core.surrogate import add_surrogate
from schema_svc.core.vocabulary import Dialect

_MISSPELT = 0.8
"""How alike two names are of which one is a slip."""
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class _Scope:
    """The tables that a key may refer to: those of the text by their places, and those beside it."""

    drafts: Drafts
    names: Mapping[TableName, str]
    beside: frozenset[str]

    @cached_property
    def folded(self) -> frozenset[str]:
        """All names, without regard to case."""
        return frozenset(name.casefold() for name in (*(draft.name for draft in self.drafts.tables), *self.beside))


def resolve(drafts: Drafts, dialect: Dialect, *, surrogate_keys: bool, beside: Collection[str] = ()) -> list[Table]:
    """Make the tables; a foreign key whose table is in neither the text nor `beside` it is left out with a warning."""
    names = _names(drafts.tables)
    scope = _Scope(drafts, names, frozenset(beside))
    tables: list[Table] = []
    deferrable: set[tuple[str, tuple[str, ...]]] = set()
    for draft in drafts.tables:
        table = _table(draft, names[draft.place])
        for reference in draft.keys.references:
            _resolve_reference(table, reference, draft, scope)
            if reference.deferrable:
                deferrable.add((table.name, tuple(reference.columns)))
        _count(table, drafts.sequences, dialect)
        tables.append(table)
    _defer(tables, deferrable)
    if surrogate_keys:
        for draft, table in zip(drafts.tables, tables, strict=True):
            add_surrogate(table, draft.keys.primary_key_name)
    return tables


def _defer(tables: list[Table], deferrable: Collection[tuple[str, tuple[str, ...]]]) -> None:
    """Open circles of required keys: one that refers to a table further down, and was added later, is deferred."""
    places = {table.name: place for place, table in enumerate(tables)}
    for cycle in required_cycles(Experiment(tables=tables)):
        late = [edge for edge in cycle if (edge.table, edge.columns) in deferrable]
        edge = next((edge for edge in late if places[edge.parent] > places[edge.table]), None)
        if edge is None:
            return
        table = tables[places[edge.table]]
        _foreign_key(table, edge.columns).properties[DEFERRED] = "true"
        table.warnings.append(
            f"Foreign key {edge.table}({', '.join(edge.columns)}) -> {edge.parent} closes a circle of required keys: "
            "it holds once all rows are there."
        )


def _foreign_key(table: Table, columns: tuple[str, ...]) -> ForeignKeyTerms:
    single = table.column(columns[0])
    if len(columns) == 1 and single and single.foreign_key:
        return single.foreign_key
    return next(key for key in table.foreign_keys if tuple(key.columns) == columns)


def _names(drafts: list[TableDraft]) -> Mapping[TableName, str]:
    """Names of the tables; those that several schemas have take their schema in front."""
    plain = Counter(draft.name.casefold() for draft in drafts)
    within = Counter((draft.schema.casefold(), draft.name.casefold()) for draft in drafts)
    names = {}
    for draft in drafts:
        parts = [draft.name]
        if plain[draft.name.casefold()] > 1:
            parts = [
                *([draft.place.database] if within[draft.schema.casefold(), draft.name.casefold()] > 1 else []),
                draft.schema,
                draft.name,
            ]
        names[draft.place] = "_".join(part for part in parts if part)
    return names


def _table(draft: TableDraft, name: str) -> Table:
    keys = draft.keys
    properties = {**draft.properties, **keys.properties}
    if draft.place.database:
        properties["database"] = draft.place.database
    if any(check.name for check in keys.checks):
        properties["check_names"] = ", ".join(check.name for check in keys.checks)
    table = Table(
        name=name,
        columns=draft.columns,
        primary_key=keys.primary_key,
        unique_keys=[key for key in keys.unique_keys if len(key.columns) > 1 or key.name],
        warnings=draft.warnings,
        properties=properties,
        checks=[check.condition for check in keys.checks],
        schema_name=draft.schema,
    )
    if keys.primary_key_name and len(keys.primary_key) == 1:
        table.properties["primary_key_name"] = keys.primary_key_name
    table.warnings += [
        f"Column '{draft.name}.{column.name}' is computed in the DDL; it is generated as an ordinary column."
        for column in table.columns
        if "computed" in column.properties
    ]
    if name != draft.name:
        table.properties["source_name"] = draft.name
        table.warnings.append(f"Several schemas have a table '{draft.name}'; '{draft.schema}' has this one.")
    _mark_columns(table, keys.unique_keys)
    return table


def _mark_columns(table: Table, unique_keys: list[KeyColumns]) -> None:
    singles = {key.columns[0] for key in unique_keys if len(key.columns) == 1}
    for column in table.columns:
        column.required = column.required or column.name in table.primary_key
        column.is_unique = column.name in singles or table.primary_key == [column.name]


def _count(table: Table, sequences: Mapping[str, Sequence], dialect: Dialect) -> None:
    """Let a column whose default takes numbers of a sequence count as the sequence does; not one that references."""
    referencing = {name for key in table.foreign_keys for name in key.columns}
    for column in table.columns:
        if column.foreign_key or column.name in referencing:
            column.rule = None
        elif name := sequence_of_default(column.properties.get("default", "")):
            counts = sequences.get(_last_part(name, dialect), Sequence())
            column.rule = Rule(sequence=SequenceRule(start=counts.start, step=counts.step))


def _last_part(name: str, dialect: Dialect) -> str:
    part = name.strip("'").rpartition(".")[2]
    return fold(part.strip('"'), dialect, quoted=part.startswith('"'))


def _resolve_reference(table: Table, reference: Reference, draft: TableDraft, scope: _Scope) -> None:
    parent = scope.drafts.find(reference.parent, near=draft.place)
    if parent is not None:
        _add_foreign_key(table, reference, scope.names[parent.place])
        return
    wanted, refused = reference.parent.name, scope.drafts.refused
    if wanted not in refused and (wanted in scope.beside or _is_misspelt(wanted, scope)):
        _add_foreign_key(table, reference, wanted)
        return
    shown = ".".join(part for part in reference.parent if part)
    why = f"the statement of its table '{shown}' was refused"
    if wanted not in refused:
        why = f"its table '{shown}' is not in the text"
    table.warnings.append(f"Foreign key {table.name}({', '.join(reference.columns)}) was left out: {why}.")


def _is_misspelt(name: str, scope: _Scope) -> bool:
    """True where a table has nearly this name: the key is refused with its name as the hint."""
    spelt = name.casefold()
    near = difflib.get_close_matches(spelt, likely(spelt, scope.folded), 1, _MISSPELT)
    return any(_DIGITS.sub("", found) != _DIGITS.sub("", spelt) and not _extends(found, spelt) for found in near)


def _extends(one: str, other: str) -> bool:
    """True where one name is the other with words before or behind it: both may well exist."""
    short, long = sorted((one, other), key=len)
    return long.startswith(f"{short}_") or long.endswith(f"_{short}")


def _add_foreign_key(table: Table, reference: Reference, parent: str) -> None:
    own = [column for column in table.columns if column.name in reference.columns]
    nullable = not any(column.required for column in own)
    single = own[0] if len(reference.columns) == 1 and own and own[0].foreign_key is None else None
    if single is None or len(reference.references_columns) > 1:
        table.foreign_keys.append(
            ForeignKey(
                name=reference.name,
                columns=reference.columns,
                references_table=parent,
                references_columns=reference.references_columns,
                nullable=nullable,
                properties=reference.properties,
            )
        )
        return
    named = {"name": reference.name} if reference.name else {}
    single.foreign_key = ColumnForeignKey(
        references_table=parent,
        references_column="".join(reference.references_columns),
        nullable=nullable,
        properties={**reference.properties, **named},
    )
