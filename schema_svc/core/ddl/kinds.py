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

_TEMPLATE = "templates are not run; the text around them is read as it is"
_PSQL = "it is a command of psql"
_SCRIPT = "statements of a script are not run"

SKIPPED_VERBS = {
    **dict.fromkeys(
        words(
            "INSERT UPDATE DELETE MERGE TRUNCATE COPY UNLOAD SELECT WITH VALUES PUT GET LIST LS REMOVE RM REPLACE "
            "IMPORT"
        ),
        _DATA,
    ),
    **dict.fromkeys(
        words(
            "SET UNSET RESET USE BEGIN START COMMIT ROLLBACK END ABORT SHOW DESCRIBE DESC EXPLAIN DECLARE FETCH CLOSE "
            "PREPARE EXECUTE DEALLOCATE LOCK DISCARD SAVEPOINT RELEASE MOVE LISTEN UNLISTEN CONNECT GO"
        ),
        _SESSION,
    ),
    **dict.fromkeys(words("GRANT REVOKE REASSIGN SECURITY ATTACH DETACH"), _RIGHTS),
    **dict.fromkeys(words("ANALYZE ANALYSE VACUUM REFRESH CLUSTER REINDEX UNDROP CANCEL NOTIFY CHECKPOINT"), _UPKEEP),
    **dict.fromkeys(words("CALL DO EXEC"), _PROGRAM),
    **dict.fromkeys(
        words("IF ELSE ELSIF ELSEIF FOR WHILE LOOP REPEAT LET RETURN RAISE EXCEPTION PRINT CASE WHEN OPEN"), _SCRIPT
    ),
    "DROP": "nothing is dropped: an experiment begins empty",
    "CREATE": _OBJECT,
    "ALTER": "only ALTER TABLE is read",
    "COMMENT": "only comments on tables and columns are read",
    "{": _TEMPLATE,
    "\\": _PSQL,
}
"""Why a statement that begins so has no part in an experiment."""

NOUNS = frozenset(
    words(
        """
    ACCESS ACCOUNT AGENT AGGREGATE AGGREGATION ALERT ANOMALY_DETECTION API APPLICATION AUTHENTICATION BACKUP BUDGET
    CAST CATALOG CLASSIFICATION CLUSTER COLLATION COMPUTE CONNECTION CONTACT CONVERSION CORTEX DATA DATABASE DATASET
    DATASHARE DBT DEFAULT DOMAIN EVENT EXPERIMENT EXTENSION EXTERNAL FAILOVER FEATURE FILE FORECAST FOREIGN FUNCTION
    GIT GROUP HYBRID IDENTITY IMAGE INDEX INTEGRATION JOIN LANGUAGE LARGE LIBRARY LISTING MACRO MANAGED MASKING
    MATERIALIZED MODEL NETWORK NOTEBOOK NOTIFICATION ONLINE OPERATOR ORGANIZATION PACKAGE PACKAGES PASSWORD PIPE
    POLICY PRIVACY PROCEDURAL PROCEDURE PROFILE PROJECTION PROVISIONED PUBLICATION QUERY READ REPLICATION RESOURCE
    RESTORE RLS ROLE ROUTINE ROW RULE SCHEMA SCHEMAS SEARCH SECRET SECURITY SEMANTIC SEQUENCE SERVER SERVICE SESSION
    SHARE SNAPSHOT SNOWFLAKE SPCS STAGE STATISTICS STORAGE STREAM STREAMLIT SUBSCRIPTION SYNONYM SYSTEM TABLES
    TABLESPACE TAG TASK TEXT TRANSFORM TRIGGER TRUSTED TYPE USER VERSIONED VIEW VOLUME WAREHOUSE WORKSPACE"""
    )
)
"""What CREATE and ALTER make or change beside tables."""

_QUALIFIERS = (
    frozenset(words("OR REPLACE ALTER RECURSIVE SECURE FORCE MATERIALIZED UNIQUE CLUSTERED CONSTRAINT"))
    | CREATE_TABLE_WORDS
)
_TWO_WORD_VERBS = frozenset({"CREATE", "ALTER", "DROP", "COMMENT"})


def kind_of(cursor: Cursor) -> str:
    """Kind of a statement, such as `CREATE TABLE`; the first word alone for most others."""
    verb = cursor.word()
    if verb not in _TWO_WORD_VERBS:
        return verb
    ahead, materialized = 1, False
    while cursor.word(ahead) in _QUALIFIERS and cursor.word(ahead + 1):
        materialized = materialized or cursor.word(ahead) == "MATERIALIZED"
        ahead += 1
    noun = cursor.word(ahead)
    return f"{verb} MATERIALIZED {noun}" if materialized else f"{verb} {noun}".strip()


def why_skipped(cursor: Cursor) -> str:
    """Why a statement that no reader knows has no part in an experiment; empty if it is none of those."""
    first = cursor.peek()
    verb = first.word if first else ""
    if verb in {"CREATE", "ALTER"} and kind_of(cursor).split()[-1] not in NOUNS:
        return ""
    if verb in SKIPPED_VERBS:
        return SKIPPED_VERBS[verb]
    if cursor.word(1) == ":" and cursor.word(2) == "=":
        return _SCRIPT
    if verb == "(":
        return _DATA
    return SKIPPED_VERBS.get(first.text[:1], "") if first else ""
