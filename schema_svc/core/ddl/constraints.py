"""Constraints, inline and at table level: keys, references, checks, and the words that qualify them."""

from collections.abc import Mapping

from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import Check, Reference, TableDraft, TableKeys
from schema_svc.core.model import KeyColumns
from schema_svc.core.names import words
from schema_svc.core.properties import PRIMARY_KEY_STATE, unique_key_state

_STATES = frozenset(
    words("ENFORCED DEFERRABLE ENABLE ENABLED DISABLE DISABLED VALIDATE NOVALIDATE RELY NORELY VALID TRUSTED")
)
_ACTIONS = (("NO", "ACTION"), ("SET", "NULL"), ("SET", "DEFAULT"), ("CASCADE",), ("RESTRICT",))


def at_table_constraint(cursor: Cursor) -> bool:
    """True where a table-level constraint comes, not a column of such a name."""
    word, following = cursor.word(), cursor.word(1)
    if word == "CONSTRAINT":
        return cursor.word(2) in {"PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"}
    pairs = {
        ("PRIMARY", "KEY"), ("FOREIGN", "KEY"), ("UNIQUE", "("), ("UNIQUE", "KEY"), ("UNIQUE", "NULLS"), ("CHECK", "("),
        ("EXCLUDE", "USING"), ("EXCLUDE", "("), ("UNIQUE", "USING"),
    }  # fmt: skip
    return (word, following) in pairs


def read_table_constraint(cursor: Cursor, table: TableDraft, indexes: Mapping[str, list[str]]) -> None:
    """Read one table-level constraint into `table`; `indexes` are the unique ones of the text."""
    keys, begin = table.keys, cursor.at
    name = cursor.name("a constraint's name") if cursor.accept("CONSTRAINT") else ""
    offset = cursor.offset
    if cursor.accept("PRIMARY", "KEY"):
        columns = _key_columns(cursor, indexes)
        set_primary_key(keys, columns, offset, name)
        keep_state(cursor, keys, PRIMARY_KEY_STATE)
    elif cursor.accept("UNIQUE"):
        cursor.accept("KEY")
        nulls = nulls_distinct(cursor)
        columns = _key_columns(cursor, indexes)
        keys.unique_keys.append(KeyColumns(columns=columns, name=name))
        keep_state(cursor, keys, unique_key_state(columns), nulls or nulls_distinct(cursor))
    elif cursor.accept("FOREIGN", "KEY"):
        columns = cursor.names()
        keys.references.append(read_reference(cursor, columns, name))
    elif cursor.accept("CHECK"):
        keys.checks.append(read_check(cursor, name))
    elif cursor.word() == "EXCLUDE":
        cursor.rest()
        keep_element(table, cursor.raw(begin))
        table.warnings.append(f"Table '{table.name}': {cursor.raw(begin)[:200]} is not kept by generated rows.")
    else:
        raise cursor.problem(f"a constraint is expected, not {cursor.shown()}")
    leave_out_states(cursor, table)
    begin = cursor.at
    if cursor.accept("COMMENT"):
        cursor.string("a comment's text")
        _tell_left_out(table, cursor.raw(begin))


def leave_out_states(cursor: Cursor, table: TableDraft) -> bool:
    """Go over words such as `NOT VALID` that no property keeps, and tell it; True if there were any."""
    begin = cursor.at
    if cursor.accept("NO"):
        cursor.expect("INHERIT")
    skip_states(cursor)
    if cursor.at > begin:
        _tell_left_out(table, cursor.raw(begin))
    return cursor.at > begin


def _tell_left_out(table: TableDraft, words: str) -> None:
    table.warnings.append(f"Table '{table.name}': {words[:200]} behind a constraint is left out.")


def keep_element(table: TableDraft, text: str) -> None:
    """Keep an element of the column list that says nothing of rows, or nothing that rows keep."""
    before = table.properties.get("elements")
    table.properties["elements"] = f"{before}, {text}" if before else text


def _key_columns(cursor: Cursor, indexes: Mapping[str, list[str]]) -> list[str]:
    """`(a, b)`, or `USING INDEX i` with the columns of that index."""
    if not cursor.accept("USING", "INDEX"):
        return cursor.names()
    offset, name = cursor.offset, cursor.name("an index")
    if name not in indexes:
        raise UnreadableSql(f"no unique index {name!r} is defined above", offset, "write the columns of the key")
    return list(indexes[name])


def nulls_distinct(cursor: Cursor) -> str:
    """Read `NULLS [NOT] DISTINCT` where it comes."""
    begin = cursor.at
    if cursor.accept("NULLS"):
        cursor.accept("NOT")
        cursor.expect("DISTINCT")
    return cursor.raw(begin).upper()


def keep_state(cursor: Cursor, keys: TableKeys, name: str, before: str = "") -> None:
    """Keep words such as NOT ENFORCED behind a key as the property `name`."""
    begin = cursor.at
    skip_states(cursor)
    if state := f"{before} {cursor.raw(begin)}".strip():
        keys.properties[name] = state


def set_primary_key(keys: TableKeys, columns: list[str], offset: int, name: str = "") -> None:
    """Give the table its primary key; a second one is refused."""
    if keys.primary_key:
        raise UnreadableSql(
            f"a second primary key ({', '.join(columns)})", offset, "a table has one primary key; write UNIQUE"
        )
    keys.primary_key = columns
    keys.primary_key_name = name


def read_reference(cursor: Cursor, columns: list[str], name: str = "") -> Reference:
    """Read `REFERENCES table [(columns)] [actions]`."""
    offset = cursor.offset
    cursor.expect("REFERENCES")
    parent = cursor.qualified_name()
    referenced = cursor.names() if cursor.word() == "(" else []
    reference = Reference(columns, parent, referenced, offset, name)
    while True:
        begin = cursor.at
        if cursor.accept("MATCH"):
            reference.properties["match"] = cursor.take().word
        elif cursor.word() == "ON" and cursor.word(1) in {"DELETE", "UPDATE"}:
            cursor.take()
            event = cursor.take().word.lower()
            reference.properties[f"on_{event}"] = _action(cursor)
        elif skip_states(cursor):
            before = reference.properties.get("state", "")
            reference.properties["state"] = f"{before} {cursor.raw(begin).upper()}".strip()
        else:
            return reference


def _action(cursor: Cursor) -> str:
    begin = cursor.at
    for action in _ACTIONS:
        if cursor.accept(*action):
            if action[0] == "SET" and cursor.word() == "(":
                cursor.group()
            return cursor.raw(begin).upper() if action[0] != "SET" else cursor.raw(begin)
    raise cursor.problem(f"an action such as CASCADE is expected, not {cursor.shown()}")


def read_check(cursor: Cursor, name: str = "") -> Check:
    """Read `( condition )` as text."""
    inside = cursor.group()
    if inside.ended:
        raise cursor.problem("CHECK has no condition")
    return Check(inside.rest(), name)


def at_state(cursor: Cursor) -> bool:
    """True where a word comes that says how a constraint is used."""
    word = cursor.word(1) if cursor.word() == "NOT" else cursor.word()
    return word in _STATES or word == "INITIALLY"


def skip_states(cursor: Cursor) -> bool:
    """Go over words such as `NOT ENFORCED` that say how a constraint is used; True if there were any."""
    begin = cursor.at
    while True:
        if at_state(cursor):
            cursor.accept("NOT")
            if cursor.take().word == "INITIALLY":
                cursor.accept_any("DEFERRED", "IMMEDIATE")
        elif not _skip_storage(cursor):
            return cursor.at > begin


def _skip_storage(cursor: Cursor) -> bool:
    """`INCLUDE (b)`, `USING INDEX [TABLESPACE t]`, `WITH (fillfactor = 70)` behind a key."""
    if cursor.word() in {"INCLUDE", "WITH"} and cursor.word(1) == "(":
        cursor.take()
        cursor.group()
    elif cursor.accept("USING", "INDEX"):
        cursor.accept("TABLESPACE")
        if not cursor.ended:
            cursor.name("a tablespace")
    else:
        return False
    return True
