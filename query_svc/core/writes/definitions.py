"""CREATE TABLE: columns and properties as they were declared, in Redshift's, PostgreSQL's and Snowflake's words."""

from dataclasses import dataclass, field, replace

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from query_svc.core.catalog import Column
from query_svc.core.dialects import REDSHIFT, SNOWFLAKE, Dialect
from query_svc.core.faults import InvalidSql, NotTranslatable
from query_svc.core.rules.casts import target_of
from query_svc.core.rules.context import Context
from query_svc.core.rules.lengths import LONGEST_TEXT, LONGEST_TEXTS
from query_svc.core.rules.targets import SQLITE_TARGET
from query_svc.core.types import MOST_DIGITS, Kind, SqlType
from query_svc.core.writes.words import Part, Words, text_of, twice_in, unexpected

_OTHER_KINDS = {
    **dict.fromkeys(
        (exp.DType.SUPER, exp.DType.VARIANT, exp.DType.JSON, exp.DType.JSONB, exp.DType.HLLSKETCH), Kind.JSON
    ),
    **dict.fromkeys((exp.DType.VARBINARY, exp.DType.BINARY), Kind.BINARY),
}
_ATTRIBUTES = frozenset(
    {
        *("NOT", "NULL", "PRIMARY", "UNIQUE", "REFERENCES", "DEFAULT", "IDENTITY", "AUTOINCREMENT", "GENERATED"),
        *("ENCODE", "DISTKEY", "SORTKEY", "COLLATE", "CHECK", "COMMENT", "CONSTRAINT"),
    }
)
_CONSTRAINTS = ("PRIMARY", "UNIQUE", "FOREIGN", "CONSTRAINT", "CHECK")
_DEFAULT_LENGTHS = {"VARCHAR": 256, "CHARACTER": 1, "CHAR": 1, "NCHAR": 1, "BPCHAR": 256, "NVARCHAR": 256}


MOST_COLUMNS = 1_599
"""Columns of a table in Redshift and in PostgreSQL, less the one that numbers a scratch's rows."""


@dataclass
class Definition:
    """A table as it was declared."""

    columns: list[Column] = field(default_factory=list)
    primary_key: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)


def read_columns(parts: list[Part], dialect: Dialect, sql: str) -> Definition:
    """Read what stands between the brackets of CREATE TABLE."""
    made = Definition()
    for part in parts:
        words = Words(part, sql)
        if part[0].text.upper() in _CONSTRAINTS and part[0].token_type is not TokenType.IDENTIFIER:
            _read_constraint(words, made)
        else:
            made.columns.append(_read_column(words, dialect, made))
    names = [column.name.lower() for column in made.columns]
    if twice := twice_in(names):
        raise InvalidSql(f"column {twice!r} is declared twice", hint="name the columns apart")
    return made


def refuse_width(columns: int) -> None:
    """Refuse a table that is too wide, before its columns are read."""
    if columns > MOST_COLUMNS:
        raise InvalidSql(
            f"the table has {columns:,} columns; one of a scratch has at most {MOST_COLUMNS:,}",
            hint="Redshift ends at 1,600, one of which a scratch needs: split the table, or put values into a SUPER",
        )


def _read_constraint(words: Words, made: Definition) -> None:
    """Keys are kept for the catalog; nothing enforces them, as in Redshift and Snowflake."""
    if words.take("CONSTRAINT"):
        words.name()
    if words.take("CHECK"):
        raise NotTranslatable("CHECK", "Redshift and Snowflake have none", hint="leave it out")
    if words.take("PRIMARY", "KEY"):
        made.primary_key = [part[0].text for part in words.bracketed()]


def _read_column(words: Words, dialect: Dialect, made: Definition) -> Column:
    name = words.name()
    typed: list[Token] = []
    while not words.over and not any(words.next_is(word) for word in _ATTRIBUTES):
        typed.append(words.word())
    declared = text_of(typed, words.sql)
    if not declared:
        raise InvalidSql(f"column {name!r} has no type", hint="write one, such as INTEGER or VARCHAR(40)")
    facts: dict[str, str] = {}
    required = False
    while not words.over:
        required = _read_attribute(words, name, facts, made) or required
    kind = read_type(declared, dialect)
    return Column(dialect.fold(name), declared.upper(), kind, required, properties=facts)


def _read_attribute(words: Words, name: str, facts: dict[str, str], made: Definition) -> bool:
    """Read one attribute; answer whether it forbids NULL."""
    if words.take("NOT", "NULL"):
        return True
    if words.take("PRIMARY", "KEY"):
        made.primary_key.append(name)
        return True
    for word in ("DISTKEY", "SORTKEY"):
        if words.take(word):
            made.properties[word.lower()] = name
            made.properties |= {"diststyle": "KEY"} if word == "DISTKEY" else {}
            return False
    if words.take("NULL") or words.take("UNIQUE"):
        return False
    return _read_value(words, facts)


def _read_value(words: Words, facts: dict[str, str]) -> bool:
    for word in ("ENCODE", "COMMENT"):
        if words.take(word):
            facts[word.lower()] = words.word().text
            return False
    if words.take("COLLATE"):
        words.take("CASE_SENSITIVE") or _refuse(words, "COLLATE")
    elif words.take("REFERENCES"):
        words.qualified()
        if words.opens:
            words.bracketed()
    elif words.take("DEFAULT"):
        facts["default"] = _expression(words)
    elif words.take("GENERATED"):
        words.take("BY", "DEFAULT") or words.take("ALWAYS") or _refuse(words, "GENERATED")
        (words.take("AS") and words.take("IDENTITY")) or _refuse(words, "GENERATED")
        facts["identity"] = _identity(words)
    elif words.take("IDENTITY") or words.take("AUTOINCREMENT"):
        facts["identity"] = _identity(words)
    else:
        raise unexpected(words.word())
    return False


def _refuse(words: Words, construct: str) -> bool:
    raise NotTranslatable(construct if words.over else f"{construct} {words.word().text}", hint="leave it out")


def _identity(words: Words) -> str:
    if not words.opens:
        return "1,1"
    numbers = [text_of(part, words.sql).replace(" ", "") for part in words.bracketed()]
    if len(numbers) != 2 or not all(number.lstrip("-").isdecimal() for number in numbers):
        raise InvalidSql("IDENTITY takes a first value and a step", hint="write IDENTITY(1, 1)")
    return ",".join(numbers)


def _expression(words: Words) -> str:
    """Text of a DEFAULT, up to the next attribute."""
    taken = [words.word()]
    depth = 0
    while not words.over and (depth or words.opens or not any(words.next_is(word) for word in _ATTRIBUTES)):
        token = words.word()
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        taken.append(token)
    return text_of(taken, words.sql)


def read_type(declared: str, dialect: Dialect) -> SqlType:
    """Type by its name in a dialect."""
    try:
        node = exp.DataType.build(declared, dialect=dialect.grammar)
    except SqlglotError:
        raise InvalidSql(f"{declared!r} is no type (read as {dialect.name})", hint="check its spelling") from None
    if (other := _OTHER_KINDS.get(node.this)) is not None:
        return SqlType(other)
    _refuse_size(node, declared, dialect)
    kind = target_of(node, Context(dialect, SQLITE_TARGET))
    if kind.kind is not Kind.STRING:
        return kind
    fixed = node.this in (exp.DType.CHAR, exp.DType.NCHAR)
    length = kind.length
    if not length and dialect is REDSHIFT:
        default = _DEFAULT_LENGTHS.get(declared.upper(), 256)
        length = LONGEST_TEXT if "MAX" in declared.upper() else default
    if not length and dialect is SNOWFLAKE and fixed:
        length = 1
    return in_bytes(replace(kind, length=length, fixed_length=fixed), dialect)


def in_bytes(kind: SqlType, dialect: Dialect) -> SqlType:
    """Type of a column; the length of a text counts bytes in Redshift."""
    return replace(kind, bytes=kind.length) if kind.is_text and dialect is REDSHIFT else kind


def _refuse_size(node: exp.DataType, declared: str, dialect: Dialect) -> None:
    """Refuse digits and lengths that no warehouse has, or that Redshift has not."""
    sizes = [
        int(size.name) for size in node.expressions if isinstance(size, exp.DataTypeParam) and size.name.isdecimal()
    ]
    if not sizes:
        return
    if node.this in exp.DataType.NUMERIC_TYPES and not (1 <= sizes[0] <= MOST_DIGITS and sizes[-1] <= sizes[0]):
        raise InvalidSql(
            f"{declared} cannot be: a decimal has 1 to {MOST_DIGITS} digits, and no more behind the point than in all",
            hint=f"write DECIMAL({MOST_DIGITS}, 2) or less",
        )
    longest = LONGEST_TEXTS.get(node.this) if dialect is REDSHIFT else None
    if node.this in exp.DataType.TEXT_TYPES and not 1 <= sizes[0] <= (longest or sizes[0]):
        raise InvalidSql(
            f"{declared} cannot be: its length is 1 to {longest or 'any'}", hint="write VARCHAR(256), or what is needed"
        )


def read_properties(words: Words) -> dict[str, str]:
    """Read what stands between the columns and AS, or the end."""
    made: dict[str, str] = {}
    while not words.over and not words.next_is("AS"):
        if words.take("DISTSTYLE"):
            made["diststyle"] = words.word().text.upper()
        elif words.take("DISTKEY"):
            made |= {"diststyle": "KEY", "distkey": words.bracketed()[0][0].text}
        elif words.take("BACKUP") or words.take("ENCODE"):
            words.word()
        elif words.take("CLUSTER", "BY"):
            words.bracketed()
        elif words.take("COMMENT"):
            words.take("=")
            made["comment"] = words.word().text
        else:
            made |= _sort_key(words)
    return made


def _sort_key(words: Words) -> dict[str, str]:
    style = next((word for word in ("COMPOUND", "INTERLEAVED") if words.take(word)), "")
    if not words.take("SORTKEY"):
        raise unexpected(words.word())
    if words.take("AUTO"):
        return {"sortkey": "AUTO"}
    named = {"sortkey": ", ".join(part[0].text for part in words.bracketed())}
    return named | ({"sortkey_style": style} if style else {})
