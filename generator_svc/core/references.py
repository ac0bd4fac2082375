"""Rules whose values are in a file: found in an experiment, read by whoever may read files, pinned in the run.

The file belongs to the run: its hash is written into the run's own document, so that another content is refused rather
than mixed with what is made already.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from generator_svc.core.rules import ReferenceRule
from generator_svc.core.spec import TableSpec


@dataclass(frozen=True, slots=True)
class ReadReference(ReferenceRule):
    """A reference rule with what its file says: values as text, and their weights."""

    values: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()


ReadFile = Callable[[ReferenceRule], ReadReference]


def with_references(tables: Sequence[TableSpec], read: ReadFile) -> tuple[TableSpec, ...]:
    """Put the files' values into the rules of tables, however deep they stand."""
    return tuple(replace(table, columns=_changed(table.columns, read)) for table in tables)


def pinned(document: Mapping[str, Any], tables: Sequence[TableSpec]) -> dict[str, Any]:
    """Write the files' hashes into a document."""
    hashes: dict[tuple[str, str, str], str] = {}

    def note(rule: ReferenceRule) -> ReferenceRule:
        hashes[rule.uri, rule.column, rule.weight_column] = rule.content_hash
        return rule

    for table in tables:
        _changed(table.columns, note)
    changed: dict[str, Any] = _pinned(document, hashes)
    return changed


def _changed(value: Any, change: Callable[[ReferenceRule], ReferenceRule]) -> Any:
    match value:
        case ReferenceRule():
            return change(value)
        case tuple():
            changed = tuple(_changed(each, change) for each in value)
            return changed if any(new is not old for new, old in zip(changed, value, strict=True)) else value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    members = {field.name: getattr(value, field.name) for field in fields(value)}
    new = {name: _changed(member, change) for name, member in members.items()}
    return replace(value, **new) if any(new[name] is not members[name] for name in new) else value


def _pinned(value: Any, hashes: Mapping[tuple[str, str, str], str]) -> Any:
    if isinstance(value, list):
        return [_pinned(each, hashes) for each in value]
    if not isinstance(value, Mapping):
        return value
    changed = {name: _pinned(member, hashes) for name, member in value.items()}
    rule = changed.get("reference")
    if isinstance(rule, dict) and "uri" in rule:
        key = (rule["uri"], rule.get("column", ""), rule.get("weight_column", ""))
        changed["reference"] = rule | ({"content_hash": hashes[key]} if key in hashes else {})
    return changed
