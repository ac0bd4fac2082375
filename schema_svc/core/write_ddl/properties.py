"""What follows the columns of a table: distribution, sorting, options."""

from collections.abc import Iterator, Mapping

from schema_svc.core.model import Table
from schema_svc.core.properties import (
    PRIMARY_KEY_STATE,
    UNIQUE_KEY_STATE,
    UNWRITTEN,
    WHOLE_CLAUSES,
    unique_key_state,
)
from schema_svc.core.surrogate import has_surrogate
from schema_svc.core.write_ddl.account import Account
from schema_svc.core.write_ddl.grammar import Where
from schema_svc.core.write_ddl.naming import Naming

_CLAUSES = {
    "diststyle": "DISTSTYLE {}",
    "distkey": "DISTKEY ({})",
    "sortkey": "",
    "encode": "ENCODE {}",
    "backup": "BACKUP {}",
    "cluster_by": "CLUSTER BY {}",
}
_WRITTEN_APART = frozenset({"kind", "comment", "sortkey_style", *UNWRITTEN})
_SAID_EVERYWHERE = frozenset({"kind", "comment", "primary_key_name", "source_name", "check_names"})
_LAST = {"copy_grants": "COPY GRANTS", **dict.fromkeys(WHOLE_CLAUSES, "{}")}
_NULLS = ("NULLS NOT DISTINCT", "NULLS DISTINCT")


def home_tail(table: Table) -> Iterator[str]:
    """Every kept property, in the dialect that it was written in."""
    properties = table.properties
    yield from _known(table)
    apart = {*_CLAUSES, *_WRITTEN_APART, *_LAST}
    for name, value in properties.items():
        if name not in apart and not name.startswith(UNIQUE_KEY_STATE):
            yield f"{name.upper()} = {value}"
    yield from (clause.format(properties[name]) for name, clause in _LAST.items() if name in properties)


def tail(table: Table, path: str, naming: Naming, account: Account) -> Iterator[str]:
    """The properties that another dialect has too, and what every table of it needs."""
    grammar = naming.grammar
    kept = {name: value for name, value in table.properties.items() if name in grammar.properties}
    for name, value in table.properties.items():
        if name not in kept and name not in _SAID_EVERYWHERE:
            account.dropped(f"{path}.properties.{name}", f"{name}; {table.name} has {value[:60]}")
    if grammar.tail:
        yield grammar.tail.format(key=_order(table, naming))
    yield from _known(table.model_copy(update={"properties": kept}))
    if grammar.comments is Where.INLINE and "comment" in table.properties:
        yield f"COMMENT {naming.string(table.properties['comment'])}"


def _known(table: Table) -> Iterator[str]:
    properties = table.properties
    for name, clause in _CLAUSES.items():
        if name == "sortkey" and name in properties:
            yield _sortkey(properties)
        elif name in properties:
            yield clause.format(properties[name])


def _sortkey(properties: Mapping[str, str]) -> str:
    columns, style = properties["sortkey"], properties.get("sortkey_style", "")
    return f"{style} SORTKEY ".lstrip() + (columns if columns in {"AUTO", "NONE"} else f"({columns})")


def _order(table: Table, naming: Naming) -> str:
    """Columns that a table is ordered by: its key; a key that may be NULL orders nothing."""
    key = table.composite_keys[0].columns if has_surrogate(table) else table.primary_key
    return f"({naming.names(key)})" if key else "tuple()"


def key_state(table: Table, columns: list[str]) -> tuple[str, str]:
    """How a unique key is used, as its own dialect says it: what stands before its columns, and what behind them."""
    state = table.properties.get(unique_key_state(columns), "")
    nulls = next((words for words in _NULLS if state.startswith(words)), "")
    behind = state.removeprefix(nulls).strip()
    return f" {nulls}" if nulls else "", f" {behind}" if behind else ""


def primary_key_state(table: Table) -> str:
    """How the primary key is used, as its own dialect says it."""
    state = table.properties.get(PRIMARY_KEY_STATE, "")
    return f" {state}" if state else ""


def check_name(table: Table, place: int) -> str:
    """Name of a check; empty where it has none."""
    names = table.properties.get("check_names", "").split(", ")
    return names[place] if place < len(names) else ""
