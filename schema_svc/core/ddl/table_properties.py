"""What stands behind a table's columns: the properties of Redshift, Snowflake and PostgreSQL."""

from collections.abc import Callable, Mapping

from schema_svc.core.ddl.cursor import Cursor
from schema_svc.core.ddl.draft import TableDraft
from schema_svc.core.names import words

Step = Callable[[Cursor], object]
"""Reads one piece of a clause."""


def _name(cursor: Cursor) -> object:
    return cursor.qualified_name("a name")


def _columns(cursor: Cursor) -> object:
    return cursor.group() if cursor.word() == "(" else cursor.name("a column")


def _after(first: str, step: Step) -> Step:
    """Read `step` where the words `first` come."""
    return lambda cursor: step(cursor) if cursor.accept(*words(first)) else None


def _partition(cursor: Cursor) -> object:
    cursor.accept_any("RANGE", "LIST", "HASH")
    return cursor.group()


def _on_commit(cursor: Cursor) -> object:
    return None if cursor.accept("DROP") else (cursor.take(), cursor.take())


_ON_COLUMNS = (_name, _after("ON", _columns))
_CLAUSES: Mapping[str, tuple[str, tuple[Step, ...]]] = {
    "ROW ACCESS POLICY": ("row_access_policy", _ON_COLUMNS),
    "AGGREGATION POLICY": ("aggregation_policy", (_name, _after("ENTITY KEY", Cursor.group))),
    "JOIN POLICY": ("join_policy", (_name, _after("ALLOWED JOIN KEYS", Cursor.group))),
    "STORAGE LIFECYCLE POLICY": ("storage_lifecycle_policy", _ON_COLUMNS),
    "TAG": ("tag", (Cursor.group,)),
    "CONTACT": ("contact", (Cursor.group,)),
    "PARTITION BY": ("partition_by", (_partition,)),
    "INHERITS": ("inherits", (Cursor.group,)),
    "TABLESPACE": ("tablespace", (_name,)),
    "ON COMMIT": ("on_commit", (_on_commit,)),
    "USING": ("using", (_name,)),
    "COPY TAGS": ("copy_tags", ()),
    "TABLE PROPERTIES": ("table_properties", (Cursor.group,)),
    "WITHOUT OIDS": ("without_oids", ()),
    "WITH OIDS": ("with", ()),
}
"""Clauses that are kept as they are written: their words, the property, what follows the words."""
_VALUES = {"DISTSTYLE": "diststyle", "BACKUP": "backup"}
"""Clauses of one word and one value."""


def read_property(cursor: Cursor, draft: TableDraft) -> None:
    """Read one property; what is not understood is kept with all that follows it."""
    if read_known_property(cursor, draft):
        return
    rest = cursor.rest()
    draft.properties["options"] = rest
    draft.warnings.append(f"Table '{draft.name}' has options that were kept but not understood: {rest[:200]}")


def read_known_property(cursor: Cursor, draft: TableDraft) -> bool:
    """Read one property; False, and nothing read, if it is not understood."""
    return _read_redshift(cursor, draft) or _read_snowflake(cursor, draft) or _read_clause(cursor, draft)


def _read_redshift(cursor: Cursor, draft: TableDraft) -> bool:
    properties = draft.properties
    if word := cursor.accept_any(*_VALUES):
        properties[_VALUES[word]] = cursor.take().word
    elif cursor.accept("DISTKEY"):
        properties["distkey"] = cursor.key_text()
    elif cursor.word() == "SORTKEY" or cursor.word(1) == "SORTKEY":
        read_sortkey(cursor, draft)
    elif cursor.accept("ENCODE", "AUTO"):
        properties["encode"] = "AUTO"
    else:
        return False
    return True


def read_sortkey(cursor: Cursor, draft: TableDraft) -> None:
    """Read `[COMPOUND | INTERLEAVED] SORTKEY {AUTO | (…)}`."""
    properties = draft.properties
    if style := cursor.accept_any("COMPOUND", "INTERLEAVED"):
        properties["sortkey_style"] = style
    cursor.expect("SORTKEY")
    word = cursor.accept_any("AUTO", "NONE")
    properties["sortkey"] = word or cursor.key_text()


def _read_snowflake(cursor: Cursor, draft: TableDraft) -> bool:
    begin = cursor.at
    if cursor.accept("CLUSTER", "BY"):
        cursor.accept("LINEAR")
        cursor.group()
        draft.properties["cluster_by"] = cursor.raw(begin + 2)
    elif cursor.accept("COMMENT"):
        cursor.accept("=")
        draft.properties["comment"] = cursor.string("a comment's text")
    elif cursor.accept("COPY", "GRANTS"):
        draft.properties["copy_grants"] = "true"
    elif cursor.word() and cursor.word(1) == "=" and cursor.peek(2):
        read_setting(cursor, draft.properties)
    else:
        return False
    return True


def read_setting(cursor: Cursor, properties: dict[str, str]) -> None:
    """Read `NAME = value`."""
    name = cursor.take().text.lower()
    cursor.take()
    value = cursor.at
    cursor.skip()
    while cursor.accept("."):
        cursor.skip()
    properties[name] = cursor.raw(value)


def _read_clause(cursor: Cursor, draft: TableDraft) -> bool:
    begin = cursor.at
    if cursor.word() == "WITH" and cursor.word(1) == "(":
        cursor.take()
        cursor.group()
        draft.properties["with"] = cursor.raw(begin)
        return True
    for text, (name, steps) in _CLAUSES.items():
        clause = words(text)
        if cursor.accept(*clause) or cursor.accept("WITH", *clause):
            for step in steps:
                step(cursor)
            draft.properties[name] = cursor.raw(begin)
            return True
    return False
