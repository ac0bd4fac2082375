"""A whole SQL text -> drafts of tables, with an account of every statement."""

from dataclasses import dataclass, field, replace

from schema_svc.core.ddl.create_table import read_header
from schema_svc.core.ddl.cursor import Cursor, Skipped, UnreadableSql
from schema_svc.core.ddl.draft import Drafts
from schema_svc.core.ddl.kinds import NOUNS, SKIPPED_VERBS, kind_of, why_skipped
from schema_svc.core.ddl.scan import Statement, Text
from schema_svc.core.ddl.statements import READERS
from schema_svc.core.faults import EmptyDocument, InvalidSql, TooComplex
from schema_svc.core.names import did_you_mean
from schema_svc.core.report import Diagnostic, StatementStatus
from schema_svc.core.vocabulary import Dialect, Outcome, Severity

LONGEST_STATEMENT = 5_000_000
MOST_STATEMENTS = 100_000


@dataclass
class Reading:
    """What a text says."""

    drafts: Drafts = field(default_factory=Drafts)
    statements: list[StatementStatus] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_ddl(sql: str, dialect: Dialect) -> Reading:
    """Read every statement; raise if there is none, or if none gives a table. A byte order mark is no text."""
    text, reading = Text(sql.removeprefix("\ufeff"), dialect), Reading()
    for index, statement in enumerate(text.statements()):
        if index >= MOST_STATEMENTS:
            raise TooComplex(
                f"the text has more than {MOST_STATEMENTS} statements",
                hint="leave out the statements that handle rows",
                metadata={"limit": str(MOST_STATEMENTS)},
            )
        _account(text, index, statement, reading)
    if not reading.statements:
        raise EmptyDocument("the SQL text has no statement", hint="write at least one CREATE TABLE")
    if not reading.drafts.tables:
        raise _no_table(reading)
    return reading


def _account(text: Text, index: int, statement: Statement, reading: Reading) -> None:
    """Read one statement; whatever happens in it stays in it."""
    place = text.place(statement.start)
    status = StatementStatus(index, place.line, place.column, _kind(text, statement), Outcome.IMPORTED)
    subject: list[str] = []
    if statement.unseparated:
        reading.diagnostics.append(
            Diagnostic(
                Severity.WARNING,
                "MISSING_SEMICOLON",
                "a statement begins here and none ended before it",
                "write a semicolon before it",
                place.line,
                place.column,
            )
        )
    try:
        status = replace(status, note=_read(text, statement, reading.drafts, subject) or "")
    except Skipped as why:
        status = replace(status, outcome=Outcome.SKIPPED, note=str(why))
    except UnreadableSql as problem:
        status = replace(status, outcome=Outcome.REFUSED, note=_note(problem))
        where = text.place(problem.offset)
        code = TooComplex.reason if problem.too_deep else InvalidSql.reason
        reading.diagnostics.append(
            Diagnostic(Severity.ERROR, code, problem.message, problem.hint, where.line, where.column)
        )
    status = replace(status, table=subject[0] if subject else _table_named(text, statement))
    if status.outcome is Outcome.REFUSED and status.kind == "CREATE TABLE" and status.table:
        reading.drafts.refused.setdefault(status.table, status.line)
    reading.statements.append(status)


def _read(text: Text, statement: Statement, drafts: Drafts, subject: list[str]) -> str | None:
    if statement.end - statement.start > LONGEST_STATEMENT:
        raise UnreadableSql(
            f"the statement is longer than {LONGEST_STATEMENT} characters", statement.start, too_deep=True
        )
    bare = _bare(text, statement)
    reader = READERS.get(kind_of(bare))
    if reader is None and not statement.unterminated and (note := why_skipped(bare)):
        raise Skipped(note)
    cursor = Cursor.of(text, statement)
    if reader is None:
        raise _unknown(cursor)
    before = drafts.schema
    drafts.schema = drafts.element_schema if statement.element else before
    try:
        return reader(cursor, drafts, subject)
    finally:
        drafts.schema = before if statement.element else drafts.schema


def _unknown(cursor: Cursor) -> UnreadableSql:
    verb = cursor.word()
    if verb not in SKIPPED_VERBS:
        known = [*SKIPPED_VERBS, "CREATE TABLE"]
        return cursor.problem(f"{cursor.shown()} does not begin a SQL statement", did_you_mean(verb, known, "such as"))
    noun = kind_of(cursor).split()[-1]
    hint = did_you_mean(noun, ["TABLE", "VIEW", *sorted(NOUNS)], "such as")
    return cursor.problem(f"{verb} {noun} is not a SQL statement", hint)


def _kind(text: Text, statement: Statement) -> str:
    """Kind for the account: even of a statement that cannot be read."""
    return kind_of(_bare(text, statement)) or _first_word(statement)


def _table_named(text: Text, statement: Statement) -> str:
    """Table of a CREATE TABLE whose brackets do not match; empty where there is none."""
    try:
        return read_header(_bare(text, statement)).name
    except UnreadableSql:
        return ""


def _bare(text: Text, statement: Statement) -> Cursor:
    """A cursor that knows no brackets: for what comes before the first one."""
    return Cursor(text, statement.tokens, {}, 0, len(statement.tokens))


def _first_word(statement: Statement) -> str:
    return statement.tokens[0].text[:20].upper() if statement.tokens else ""


def _note(problem: UnreadableSql) -> str:
    return f"{problem.message}: {problem.hint}" if problem.hint else problem.message


def _no_table(reading: Reading) -> InvalidSql | TooComplex:
    """The fault of a text that gives no table, at the place of its first error."""
    errors = reading.diagnostics
    if not errors:
        first = reading.statements[0]
        return InvalidSql(
            f"none of the {len(reading.statements)} statements creates a table",
            hint="write at least one CREATE TABLE with columns",
            metadata={"line": str(first.line), "column": str(first.column)},
        )
    first_error = errors[0]
    fault = TooComplex if all(error.code == TooComplex.reason for error in errors) else InvalidSql
    return fault(
        f"line {first_error.line}, column {first_error.column}: {first_error.message}",
        hint=first_error.hint,
        metadata={"line": str(first_error.line), "column": str(first_error.column)},
    )
