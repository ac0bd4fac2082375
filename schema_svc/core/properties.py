"""Names of table properties that are not `NAME = value`: how each stands in a CREATE TABLE, as data.

A property that no table here names is written `NAME = value` behind the columns.
"""

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

UNWRITTEN = ("database", "source_name", "check_names", "primary_key_name", "primary_key_state", "elements")
"""Said elsewhere: in the table's name, at its keys and checks, among its columns (`elements`, as written)."""

KEY_STATE = "unique_key_state("
"""Begins the names of properties that say how a unique key of these columns is used."""
