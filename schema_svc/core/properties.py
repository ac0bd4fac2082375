"""Names of properties that several modules know.

A table's property that is not named here, nor by the writer, is written `NAME = value` behind the columns.
"""

from collections.abc import Sequence

WHOLE_CLAUSES = (
    "inherits",
    "partition_by",
    "using",
    "with",
    "without_oids",
    "on_commit",
    "tablespace",
    "row_access_policy",
    "aggregation_policy",
    "join_policy",
    "storage_lifecycle_policy",
    "tag",
    "contact",
    "table_properties",
    "copy_tags",
    "options",
    "as_select",
)
"""Their values are the clauses as written; they stand behind the columns in this order."""

PRIMARY_KEY_STATE = "primary_key_state"
"""How the primary key is used."""

UNIQUE_KEY_STATE = "unique_key_state("
"""Begins the names of properties that say how a unique key of these columns is used."""

UNWRITTEN = ("database", "source_name", "check_names", "primary_key_name", PRIMARY_KEY_STATE, "elements")
"""Said elsewhere: in the table's name, at its keys and checks, among its columns (`elements`, as written)."""

INFERRED_UNIQUE = ("unique", "inferred")
"""Property of a column that is unique only because guessed keys reference it."""


def unique_key_state(columns: Sequence[str]) -> str:
    """Name of the property that says how the unique key of these columns is used."""
    return f"{UNIQUE_KEY_STATE}{', '.join(columns)})"
