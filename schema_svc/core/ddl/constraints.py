"""Constraints, inline and at table level: keys, references, checks, and the words that qualify them."""

from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.draft import Reference, TableKeys
from schema_svc.core.model import KeyColumns
from schema_svc.core.names import words

_STATES = frozenset(
    words("ENFORCED DEFERRABLE ENABLE ENABLED DISABLE DISABLED VALIDATE NOVALIDATE RELY NORELY VALID USING INCLUDE")
)
_ACTIONS = (("NO", "ACTION"), ("SET", "NULL"), ("SET", "DEFAULT"), ("CASCADE",), ("RESTRICT",))


def at_table_constraint(cursor: Cursor) -> bool:
    """True where a table-level constraint comes, not a column of such a name."""
    word, following = cursor.word(), cursor.word(1)
    if word == "CONSTRAINT":
        return cursor.word(2) in {"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"}
    pairs = {("PRIMARY", "KEY"), ("FOREIGN", "KEY"), ("UNIQUE", "("), ("UNIQUE", "KEY"), ("CHECK", "(")}
    return (word, following) in pairs


def read_table_constraint(cursor: Cursor, keys: TableKeys) -> None:
    """Read one table-level constraint into `keys`."""
    name = cursor.name("a constraint's name") if cursor.accept("CONSTRAINT") else ""
    offset = cursor.offset
    if cursor.accept("PRIMARY", "KEY"):
        set_primary_key(keys, cursor.names(), offset, name)
    elif cursor.accept("UNIQUE"):
        cursor.accept("KEY")
        keys.unique_keys.append(KeyColumns(columns=cursor.names(), name=name))
    elif cursor.accept("FOREIGN", "KEY"):
        columns = cursor.names()
        keys.references.append(read_reference(cursor, columns, name))
    elif cursor.accept("CHECK"):
        keys.checks.append(read_check(cursor))
    else:
        raise cursor.problem(f"a constraint is expected, not {cursor.shown()}")
    skip_states(cursor)


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
    schema, table = cursor.qualified_name()
    referenced = cursor.names() if cursor.word() == "(" else []
    reference = Reference(columns, schema, table, referenced, offset, name)
    while True:
        begin = cursor.at
        if cursor.accept("MATCH"):
            reference.properties["match"] = cursor.take().word
        elif cursor.word() == "ON" and cursor.word(1) in {"DELETE", "UPDATE"}:
            cursor.take()
            event = cursor.take().word.lower()
            reference.properties[f"on_{event}"] = _action(cursor)
        elif skip_states(cursor):
            reference.properties["state"] = cursor.raw(begin).upper()
        else:
            return reference


def _action(cursor: Cursor) -> str:
    for action in _ACTIONS:
        if cursor.accept(*action):
            return " ".join(action)
    raise cursor.problem(f"an action such as CASCADE is expected, not {cursor.shown()}")


def read_check(cursor: Cursor) -> str:
    """Read `( condition )` as text."""
    inside = cursor.group()
    if inside.ended:
        raise cursor.problem("CHECK has no condition")
    return inside.rest()


def skip_states(cursor: Cursor) -> bool:
    """Go over words such as `NOT ENFORCED` that say how a constraint is used; True if there were any."""
    begin = cursor.at
    while True:
        if cursor.word() == "NOT" and cursor.word(1) in _STATES:
            cursor.at += 2
        elif cursor.word() == "INITIALLY":
            cursor.take()
            cursor.accept_any("DEFERRED", "IMMEDIATE")
        elif cursor.word() in _STATES:
            cursor.take()
            if cursor.word() == "(":
                cursor.skip()
        else:
            return cursor.at > begin
