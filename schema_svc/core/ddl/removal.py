"""Columns and constraints that leave a table or get another name, and all that names them."""

from dataclasses import replace

from schema_svc.core.ddl.draft import TableDraft
from schema_svc.core.model import Column
from schema_svc.core.names import identifier
from schema_svc.core.properties import unique_key_state
from schema_svc.core.vocabulary import Dialect

NAMING = ("distkey", "sortkey")
"""Table properties that name columns."""


def naming_columns(draft: TableDraft, naming: str) -> list[str]:
    """Columns that such a property names; none where the table has none."""
    return list(filter(None, draft.properties.get(naming, "").replace('"', "").split(", ")))


def drop_column(draft: TableDraft, name: str) -> None:
    """Take a column out, with the keys that it is part of."""
    keys = draft.keys
    draft.columns = [column for column in draft.columns if column.name != name]
    if name in keys.primary_key:
        keys.drop_primary_key()
    keys.drop_unique_keys(lambda key: name in key.columns)
    keys.references = [key for key in keys.references if name not in key.columns]
    for naming in NAMING:
        if name in naming_columns(draft, naming):
            draft.properties.pop(naming)
    if texts := _texts(draft):
        draft.warnings.append(f"Column '{draft.name}.{name}' was dropped; {texts} may still name it.")


def _texts(draft: TableDraft) -> str:
    """What is kept as text and may name columns; empty if there is none."""
    checks, clustered = ["checks"] if draft.keys.checks else [], "cluster_by" in draft.properties
    return " and ".join([*checks, *(["CLUSTER BY"] if clustered else [])])


def drop_constraint(draft: TableDraft, name: str) -> bool:
    """Take a named constraint out; False if there is none of that name."""
    keys = draft.keys
    before = (len(keys.unique_keys), len(keys.references), len(keys.checks), keys.primary_key_name)
    keys.drop_unique_keys(lambda key: key.name == name)
    keys.references = [key for key in keys.references if key.name != name]
    keys.checks = [check for check in keys.checks if check.name != name]
    if keys.primary_key_name == name or (not keys.primary_key_name and name == f"{draft.name}_pkey"):
        keys.drop_primary_key()
    return before != (len(keys.unique_keys), len(keys.references), len(keys.checks), keys.primary_key_name)


def rename_column(draft: TableDraft, column: Column, name: str, dialect: Dialect) -> None:
    """Give a column another name, also in the table's own keys. Checks and expressions stay text."""
    before = column.name

    def renamed(columns: list[str]) -> list[str]:
        return [name if each == before else each for each in columns]

    column.name = name
    keys = draft.keys
    states = {unique_key_state(key.columns): key.columns for key in keys.unique_keys}
    keys.primary_key = renamed(keys.primary_key)
    keys.properties = {
        unique_key_state(renamed(states[state])) if state in states else state: words
        for state, words in keys.properties.items()
    }
    keys.unique_keys = [key.model_copy(update={"columns": renamed(key.columns)}) for key in keys.unique_keys]
    keys.references = [replace(key, columns=renamed(key.columns)) for key in keys.references]
    for naming in NAMING:
        if text := draft.properties.get(naming):
            old, new = identifier(before, dialect), identifier(name, dialect)
            draft.properties[naming] = ", ".join(new if each == old else each for each in text.split(", "))
    if texts := _texts(draft):
        draft.warnings.append(f"Column '{draft.name}.{name}' was {before!r}; {texts} may still name it so.")


def rename_constraint(draft: TableDraft, before: str, after: str) -> bool:
    """Give a constraint another name; False if there is none of that name."""
    keys = draft.keys
    found = False
    for key in keys.unique_keys:
        found, key.name = (True, after) if key.name == before else (found, key.name)
    for number, reference in enumerate(keys.references):
        if reference.name == before:
            keys.references[number], found = replace(reference, name=after), True
    for number, check in enumerate(keys.checks):
        if check.name == before:
            keys.checks[number], found = replace(check, name=after), True
    if keys.primary_key_name == before:
        keys.primary_key_name, found = after, True
    return found
