"""ALTER TABLE: what it adds to a table, changes, renames and drops, all or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from schema_svc.core.ddl.alter_column import alter_column
from schema_svc.core.ddl.columns import read_column
from schema_svc.core.ddl.constraints import at_table_constraint, read_table_constraint
from schema_svc.core.ddl.create_table import check_draft
from schema_svc.core.ddl.cursor import Cursor, Skipped
from schema_svc.core.ddl.draft import Drafts, TableDraft
from schema_svc.core.ddl.removal import drop_column, drop_constraint, rename_column, rename_constraint
from schema_svc.core.ddl.table_properties import read_property, read_setting, read_sortkey
from schema_svc.core.names import words

Action = Callable[[Cursor, TableDraft, Drafts], bool]
"""Reads what follows a verb and changes the table; False if an experiment has nothing of it."""
_LONGEST_NOTE = 200
KINDS = words("ICEBERG DYNAMIC EXTERNAL FOREIGN EVENT HYBRID")


def alter_table(cursor: Cursor, drafts: Drafts, subject: list[str]) -> str:
    """Apply the actions of an ALTER TABLE; answer a note of those that change nothing here."""
    cursor.expect("ALTER")
    cursor.accept_any(*KINDS)
    cursor.expect("TABLE")
    cursor.accept("IF", "EXISTS")
    cursor.accept("ONLY")
    offset, name = cursor.offset, cursor.qualified_name()
    cursor.accept("*")
    subject.append(name.name)
    first, parts = cursor.word(), list(_parts(cursor))
    if not any(part.act for part in parts):
        raise Skipped(f"{first or 'it'} changes nothing that an experiment has")
    if any(view.name == name.name for view in drafts.views):
        raise Skipped("it changes a view")
    before = drafts.require(name, offset)
    draft, known = before.attempt(), len(before.keys.references)
    idle = [part for part in parts if part.act is None or not part.act(part.action, draft, drafts)]
    if len(idle) == len(parts):
        raise Skipped(f"{first} changes nothing that an experiment has here")
    check_draft(draft)
    if len(draft.keys.references) > known:
        draft.keys.references[known:] = [replace(key, later=True) for key in draft.keys.references[known:]]
    if draft.place != before.place:
        drafts.rename(before.place, draft)
    else:
        drafts.put(draft)
    said = "; ".join(filter(None, (part.words() for part in idle)))
    return f"{said[:_LONGEST_NOTE]}: changes nothing that an experiment has" if said else ""


class _Part(NamedTuple):
    """What stands between two commas."""

    act: Action | None
    """None for what an experiment has nothing of."""
    action: Cursor
    begin: int

    def words(self) -> str:
        """The text."""
        self.action.rest()
        return self.action.raw(self.begin)


def _parts(cursor: Cursor) -> Iterator[_Part]:
    """The parts between the commas; one that begins with no verb continues the one before it."""
    verb = ""
    for part in cursor.parts():
        begin = part.at
        if part.word() in _VERBS or part.word() in _WITHOUT_EFFECT:
            verb = part.take().word
        yield _Part(_VERBS.get(verb), part, begin)


def _add(action: Cursor, draft: TableDraft, drafts: Drafts) -> bool:
    if action.word() == "(":
        for part in action.group().parts():
            _add(part, draft, drafts)
    elif at_table_constraint(action):
        read_table_constraint(action, draft, drafts.indexes)
        action.finish("after a constraint")
    elif action.word() in {"ROW", "AGGREGATION", "JOIN", "STORAGE"} and "POLICY" in {action.word(1), action.word(2)}:
        read_property(action, draft)
    elif action.word() in {"SEARCH", "DATA", "PARTITION"} and action.word(1) in {"OPTIMIZATION", "METRIC", "(", "IF"}:
        return False
    else:
        return _add_column(action, draft, drafts)
    return True


def _add_column(action: Cursor, draft: TableDraft, drafts: Drafts) -> bool:
    action.accept("COLUMN")
    if action.accept("IF", "NOT", "EXISTS") and draft.column(action.fork().name("a column's name")):
        return False
    read_column(action, draft, drafts.types)
    return True


def _drop(action: Cursor, draft: TableDraft, _drafts: Drafts) -> bool:
    if action.accept("PRIMARY", "KEY"):
        draft.keys.drop_primary_key()
        return True
    if action.accept("CLUSTERING", "KEY"):
        return draft.properties.pop("cluster_by", None) is not None
    if action.word() in {"SEARCH", "ROW", "ALL", "AGGREGATION", "PARTITION", "TAG", "UNIQUE", "FOREIGN"}:
        return False
    constraint = action.accept("CONSTRAINT")
    if not constraint:
        action.accept("COLUMN")
    maybe = action.accept("IF", "EXISTS")
    offset, name = action.offset, action.name()
    action.accept_any("CASCADE", "RESTRICT")
    action.finish("after a name")
    if constraint:
        return drop_constraint(draft, name)
    if maybe and draft.column(name) is None:
        return False
    drop_column(draft, draft.require(name, offset).name)
    return True


def _rename(action: Cursor, draft: TableDraft, drafts: Drafts) -> bool:
    if action.accept("TO"):
        name = action.qualified_name()
        place = name if name.schema else draft.place._replace(name=name.name)
        if drafts.get(place):
            raise action.problem(f"table {place.name!r} is defined already", "take another name")
        draft.place = place
        return True
    constraint = action.accept("CONSTRAINT")
    action.accept("COLUMN")
    offset, before = action.offset, action.name()
    action.expect("TO")
    after = action.name()
    if constraint:
        return rename_constraint(draft, before, after)
    rename_column(draft, draft.altered(before, offset), after, action.dialect)
    return True


def _alter(action: Cursor, draft: TableDraft, drafts: Drafts) -> bool:
    if action.word() == "(":
        return sum([_alter(part, draft, drafts) for part in action.group().parts()]) > 0
    if action.word() in {"DISTKEY", "DISTSTYLE", "ENCODE"} and action.word(1) not in {"TYPE", "SET"}:
        return _alter_distribution(action, draft)
    if "SORTKEY" in {action.word(), action.word(1)}:
        read_sortkey(action, draft)
        return True
    if action.accept("CONSTRAINT"):
        return False
    action.accept("COLUMN")
    offset, name = action.offset, action.name("a column's name")
    return alter_column(action, draft.altered(name, offset), draft, drafts.types)


def _alter_distribution(action: Cursor, draft: TableDraft) -> bool:
    """ALTER DISTKEY c, ALTER DISTSTYLE KEY DISTKEY c, ALTER ENCODE AUTO."""
    while not action.ended:
        if action.word() == "DISTKEY" and action.word(1) != "(":
            action.take()
            draft.properties["distkey"] = action.name("a column")
        else:
            read_property(action, draft)
    return True


def _cluster(action: Cursor, draft: TableDraft, _drafts: Drafts) -> bool:
    if action.word() != "BY":
        return False
    action.at -= 1
    read_property(action, draft)
    return True


def _set(action: Cursor, draft: TableDraft, _drafts: Drafts) -> bool:
    if action.accept("SCHEMA"):
        draft.place = draft.place._replace(schema=action.name("a schema"))
        return True
    changed = False
    while action.word() and action.word(1) == "=" and action.peek(2):
        if action.word() == "COMMENT":
            read_property(action, draft)
        else:
            read_setting(action, draft.properties)
        changed = True
    return changed


_VERBS: dict[str, Action] = {
    "ADD": _add,
    "DROP": _drop,
    "RENAME": _rename,
    "ALTER": _alter,
    "MODIFY": _alter,
    "CLUSTER": _cluster,
    "SET": _set,
}
_WITHOUT_EFFECT = frozenset(
    words(
        "OWNER ENABLE DISABLE FORCE NO REPLICA VALIDATE ATTACH DETACH APPEND SWAP INHERIT UNSET SUSPEND RESUME "
        "RECLUSTER REFRESH RESET NOT"
    )
)
