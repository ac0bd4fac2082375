"""Drafts of a text -> tables of an experiment: names across schemas, keys on their columns."""

from collections import Counter

from schema_svc.core.ddl.draft import Reference, TableDraft
from schema_svc.core.ddl.statements import Drafts
from schema_svc.core.model import ColumnForeignKey, ForeignKey, KeyColumns, Table
from schema_svc.core.surrogate import add_surrogate


def resolve(drafts: Drafts, refused_tables: set[str], *, surrogate_keys: bool) -> list[Table]:
    """Make the tables; a foreign key to a table whose statement was refused is left out with a warning."""
    names = _names(drafts.tables)
    name_of = {id(draft): name for draft, name in zip(drafts.tables, names, strict=True)}
    tables = []
    for draft, name in zip(drafts.tables, names, strict=True):
        table = _table(draft, name)
        for reference in draft.keys.references:
            parent = drafts.find(reference.schema or draft.schema, reference.table) or drafts.find(
                reference.schema, reference.table
            )
            if parent is not None:
                _add_foreign_key(table, reference, name_of[id(parent)])
            elif reference.table not in refused_tables:
                _add_foreign_key(table, reference, reference.table)
            else:
                table.warnings.append(
                    f"Foreign key {table.name}({', '.join(reference.columns)}) was left out: the statement of its "
                    f"table '{reference.table}' was refused."
                )
        tables.append(table)
    if surrogate_keys:
        for draft, table in zip(drafts.tables, tables, strict=True):
            add_surrogate(table, draft.keys.primary_key_name)
    return tables


def _names(drafts: list[TableDraft]) -> list[str]:
    """Names of the tables; those that several schemas have take their schema in front."""
    uses = Counter(draft.name for draft in drafts)
    return [f"{d.schema}_{d.name}" if uses[d.name] > 1 and d.schema else d.name for d in drafts]


def _table(draft: TableDraft, name: str) -> Table:
    keys = draft.keys
    table = Table(
        name=name,
        columns=draft.columns,
        primary_key=keys.primary_key,
        unique_keys=[key for key in keys.unique_keys if len(key.columns) > 1 or key.name],
        warnings=draft.warnings,
        properties=draft.properties,
        checks=keys.checks,
        schema_name=draft.schema,
    )
    if keys.primary_key_name and len(keys.primary_key) == 1:
        table.properties["primary_key_name"] = keys.primary_key_name
    if name != draft.name:
        table.warnings.append(f"Several schemas have a table '{draft.name}'; '{draft.schema}' has this one.")
    _mark_columns(table, keys.unique_keys)
    return table


def _mark_columns(table: Table, unique_keys: list[KeyColumns]) -> None:
    singles = {key.columns[0] for key in unique_keys if len(key.columns) == 1}
    for column in table.columns:
        column.required = column.required or column.name in table.primary_key
        column.is_unique = column.name in singles or table.primary_key == [column.name]


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
