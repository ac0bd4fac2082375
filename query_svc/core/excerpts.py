"""Where in the user's text something is wrong: the line, and a caret below the place."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp

from query_svc.core.faults import SqlFault

WIDEST = 100


@contextmanager
def pointing_into(sql: str) -> Iterator[None]:
    """Give faults of a statement that name a line and column an `excerpt` of it."""
    try:
        yield
    except SqlFault as fault:
        if "line" in fault.metadata:
            line, column = (int(fault.metadata[name]) for name in ("line", "column"))
            fault.metadata["excerpt"] = excerpt([*sql.split("\n"), ""][line - 1], column)
        raise


@contextmanager
def at_name(identifier: exp.Expr) -> Iterator[None]:
    """Let faults of a name say where it stands."""
    try:
        yield
    except SqlFault as fault:
        raise at(fault, identifier) from None


def at(fault: SqlFault, identifier: exp.Expr | None) -> SqlFault:
    """The fault, with the place of a name in the text, if that is known."""
    written = identifier.meta if isinstance(identifier, exp.Identifier) else {}
    line, end = written.get("line"), written.get("col")
    if isinstance(line, int) and isinstance(end, int) and identifier is not None:
        column = max(end - len(identifier.name) + 1, 1)
        fault.metadata |= {"line": str(line), "column": str(column)}
        fault.message = f"line {line}, column {column}: {fault.message}"
    return fault


def excerpt(line: str, column: int) -> str:
    """A line, cut around a column that counts from 1, and a caret below it; tabs count as one column."""
    cut = max(0, column - WIDEST // 2) if len(line) > WIDEST else 0
    shown = line[cut : cut + WIDEST].replace("\t", " ").replace("\r", "")
    return f"{shown}\n{' ' * (column - 1 - cut)}^"
