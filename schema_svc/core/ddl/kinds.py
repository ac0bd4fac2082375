"""Kinds of statement: what each begins with, and why it has no part in an experiment."""

from schema_svc.core.ddl.create_table import CREATE_TABLE_WORDS
from schema_svc.core.ddl.cursor import Cursor
from schema_svc.core.names import words

_DATA = "it handles rows; an experiment has table definitions, and rows are generated"
_SESSION = "it sets up a session"
_RIGHTS = "privileges have no part in an experiment"
_OBJECT = "objects other than tables and views have no part in an experiment"
_UPKEEP = "it is upkeep of a warehouse"
_PROGRAM = "procedures and functions have no part in an experiment"

SKIPPED_VERBS = {
    **dict.fromkeys(
        words("INSERT UPDATE DELETE MERGE TRUNCATE COPY UNLOAD SELECT WITH VALUES PUT GET LIST REMOVE"), _DATA
    ),
    **dict.fromkeys(
        words(
            "SET UNSET RESET USE BEGIN START COMMIT ROLLBACK END ABORT SHOW DESCRIBE DESC EXPLAIN DECLARE FETCH CLOSE "
            "PREPARE EXECUTE DEALLOCATE LOCK DISCARD"
        ),
        _SESSION,
    ),
    **dict.fromkeys(words("GRANT REVOKE REASSIGN SECURITY"), _RIGHTS),
    **dict.fromkeys(words("ANALYZE ANALYSE VACUUM REFRESH CLUSTER REINDEX UNDROP CANCEL NOTIFY CHECKPOINT"), _UPKEEP),
    **dict.fromkeys(words("CALL DO"), _PROGRAM),
    "DROP": "nothing is dropped: an experiment begins empty",
    "CREATE": _OBJECT,
    "ALTER": "only the keys and columns that ALTER TABLE adds are read",
    "COMMENT": "only comments on tables and columns are read",
}
_QUALIFIERS = frozenset(words("OR REPLACE RECURSIVE SECURE FORCE MATERIALIZED")) | CREATE_TABLE_WORDS
_TWO_WORD_VERBS = frozenset({"CREATE", "ALTER", "DROP", "COMMENT"})


def kind_of(cursor: Cursor) -> str:
    """Kind of a statement, such as `CREATE TABLE`; the first word alone for most others."""
    verb = cursor.word()
    if verb not in _TWO_WORD_VERBS:
        return verb
    ahead, materialized = 1, False
    while cursor.word(ahead) in _QUALIFIERS:
        materialized = materialized or cursor.word(ahead) == "MATERIALIZED"
        ahead += 1
    noun = cursor.word(ahead)
    return f"{verb} MATERIALIZED {noun}" if materialized else f"{verb} {noun}".strip()
