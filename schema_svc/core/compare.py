"""What changed between two documents: tables, columns and views by name, everything else by field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple

MOST_CHANGES = 10_000
_LONGEST_VALUE = 200
_NAMED = 3
_DERIVED = frozenset({"logical_type"})
"""Fields that follow from others and are not told twice."""


class ChangeKind(StrEnum):
    """What happened."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class Change(NamedTuple):
    """One difference."""

    kind: ChangeKind
    table: str = ""
    column: str = ""
    field: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Changes:
    """All differences in one line, and how many there are."""

    summary: str
    count: int


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Every difference: of the experiment, then of its tables in the later document's order, then removed tables."""
    yield from _fields(before, after, {"tables", "views"})
    yield from _views(before, after)
    old, new = _by_name(before.get("tables", ())), _by_name(after.get("tables", ()))
    for name, table in new.items():
        if name not in old:
            yield Change(ChangeKind.ADDED, name)
        else:
            yield from _table(name, old[name], table)
    yield from (Change(ChangeKind.REMOVED, name) for name in old if name not in new)
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield Change(ChangeKind.CHANGED, field="order of tables")


def some_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[Change], int]:
    """The first differences, and how many there are."""
    changes = compare(before, after)
    first = list(islice(changes, MOST_CHANGES))
    return first, len(first) + sum(1 for _ in changes)


def summarise(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Changes:
    """Say in one line what a revision changed; `before` is None for the first."""
    if before is None:
        tables = after.get("tables", ())
        columns = sum(len(table.get("columns", ())) for table in tables)
        return Changes(f"created with {_count(len(tables), 'table')}, {_count(columns, 'column')}", 0)
    changes = list(compare(before, after))
    whole = {
        kind: [c.table for c in changes if c.kind is kind and c.table and not c.column and not c.field]
        for kind in (ChangeKind.ADDED, ChangeKind.REMOVED)
    }
    inside = dict.fromkeys(c.table for c in changes if c.table and (c.column or c.field))
    parts = [
        f"{_count(len(names), 'table')} {what} ({_names(names)})"
        for what, names in (
            ("added", whole[ChangeKind.ADDED]),
            ("removed", whole[ChangeKind.REMOVED]),
            ("changed", list(inside)),
        )
        if names
    ]
    own = [change.field for change in changes if not change.table]
    if own:
        parts.append(f"changed {_names(own)}")
    return Changes(", ".join(parts), len(changes))


def _table(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for change in _fields(before, after, {"columns"}):
        yield change._replace(table=name)
    old, new = _by_name(before.get("columns", ())), _by_name(after.get("columns", ()))
    for column, value in new.items():
        if column not in old:
            yield Change(ChangeKind.ADDED, name, column)
        else:
            yield from (c._replace(table=name, column=column) for c in _fields(old[column], value, _DERIVED))
    yield from (Change(ChangeKind.REMOVED, name, column) for column in old if column not in new)
    if [column for column in old if column in new] != [column for column in new if column in old]:
        yield Change(ChangeKind.CHANGED, name, field="order of columns")


def _views(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    old, new = _by_name(before.get("views", ())), _by_name(after.get("views", ()))
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name), new.get(name)
        if was != now:
            kind = ChangeKind.ADDED if was is None else ChangeKind.REMOVED if now is None else ChangeKind.CHANGED
            yield Change(kind, field=f"view {name}", before=_text(was), after=_text(now))


def _fields(
    before: Mapping[str, Any], after: Mapping[str, Any], left_out: frozenset[str] | set[str]
) -> Iterator[Change]:
    for field in dict.fromkeys([*after, *before]):
        was, now = before.get(field), after.get(field)
        if was != now and field not in left_out:
            yield Change(ChangeKind.CHANGED, field=field, before=_text(was), after=_text(now))


def _by_name(parts: Any) -> dict[str, Mapping[str, Any]]:
    return {part["name"]: part for part in parts}


def _text(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(name[:60] for name in names[:_NAMED]) + more


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
