"""From text to one tree that only reads."""

import logging
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Grammar
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from query_svc.core.dialects import REDSHIFT, Dialect
from query_svc.core.faults import (
    EmptyStatement,
    InvalidSql,
    NotTranslatable,
    SeveralStatements,
    TooComplex,
    WriteRefused,
)
from query_svc.core.redshift_catalog.show import show_query

MOST_CHARACTERS = 1_000_000
_WRITERS = (
    exp.DML,
    exp.DDL,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.Merge,
    exp.Copy,
    exp.TruncateTable,
    exp.Into,
    exp.Lock,
)
SCRATCH_VERBS = ("CREATE", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "DROP")
"""First words of statements that a scratch takes."""
WRITE_HINT = "send a SELECT; ExecuteQuery with allow_writes (`dw-sim query --allow-writes`) writes into a scratch"
_OPERANDS = frozenset(
    {TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.STRING, TokenType.R_PAREN, TokenType.R_BRACKET}
)
_OTHERS = {
    "EXPLAIN": "use ExplainQuery (`dw-sim query --explain`)",
    "SHOW": "use ListTables (`dw-sim tables`)",
    "DESCRIBE": "use DescribeTable (`dw-sim tables NAME TABLE`)",
    "DESC": "use DescribeTable (`dw-sim tables NAME TABLE`)",
    "VALUES": "use SELECT … UNION ALL SELECT …",
    "TABLE": "use SELECT * FROM …",
}
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings quote the user's statement
_COVER = "\0"
_TEXTS = frozenset(kind for kind in TokenType if kind.name.endswith("STRING"))
_MISSING = re.compile(r"Required keyword: '\w+' missing for <class '[\w.]+\.(\w+)'>")


def refuse_long(sql: str) -> None:
    """Refuse a text that is too long to be read at all."""
    if len(sql) > MOST_CHARACTERS:
        raise TooComplex(
            f"the statement has {len(sql):,} characters; at most {MOST_CHARACTERS:,} are read",
            metadata={"limit": str(MOST_CHARACTERS)},
        )


def parse(sql: str, dialect: Dialect) -> exp.Query:
    """Parse one statement that only reads."""
    tree, tokens = parse_any(sql, dialect)
    if dialect is REDSHIFT and (shown := _shown(tokens)):
        return parse(shown, dialect)
    return only_reading(tree, tokens)


def tokens_of(sql: str, dialect: Dialect) -> list[Token]:
    """Tokens of the one statement of a text."""
    refuse_long(sql)
    if "\0" in sql:
        place = sql.index("\0")
        line, column = sql.count("\n", 0, place) + 1, place - sql.rfind("\n", 0, place)
        raise InvalidSql(
            f"line {line}, column {column}: the statement has a NUL character, which no warehouse keeps in text",
            hint="remove it",
            metadata={"line": str(line), "column": str(column), "dialect": dialect.name},
        )
    try:
        tokens = _one_statement(Grammar.get_or_raise(dialect.grammar).tokenize(sql))
        return _with_temporary_names(tokens) if dialect is REDSHIFT else tokens
    except TokenError as error:
        raise _from_token_error(error, sql, dialect) from None


def parse_any(sql: str, dialect: Dialect) -> tuple[exp.Expr | None, list[Token]]:
    """Parse one statement of any kind."""
    tokens = tokens_of(sql, dialect)
    try:
        tree = Grammar.get_or_raise(dialect.grammar).parser().parse(_hidden(tokens, dialect), sql)[0]
        return tree and _shown_again(tree, dialect), tokens
    except ParseError as error:
        raise _from_parse_error(error, dialect) from None
    except RecursionError:
        raise too_deep() from None


def _hidden(tokens: list[Token], dialect: Dialect) -> list[Token]:
    """Hide the names of functions that are read by name, so that the parser does not know them."""
    made = list(tokens)
    for place, (token, behind) in enumerate(pairwise(tokens)):
        is_call = behind.token_type is TokenType.L_PAREN and token.token_type not in _TEXTS
        if is_call and token.text.upper() in dialect.by_name and not _is_clause(tokens, place):
            made[place] = _under_cover(token)
    return made


def _is_clause(tokens: list[Token], place: int) -> bool:
    """Whether a word before a parenthesis is no function's: `* REPLACE (…)`, `FETCH FIRST (…)`."""
    before = tokens[place - 1].token_type if place else None
    if before is TokenType.STAR:
        return place < 2 or tokens[place - 2].token_type not in _OPERANDS
    return before is TokenType.FETCH


def _under_cover(token: Token) -> Token:
    return Token(
        token.token_type, _COVER + token.text, token.line, token.col, token.start, token.end, list(token.comments)
    )


def _shown_again(tree: exp.Expr, dialect: Dialect) -> exp.Expr:
    for node in list(tree.walk()):
        for name, value in list(node.args.items()):
            if isinstance(value, str) and value.startswith(_COVER):
                node.set(name, value.removeprefix(_COVER))
        if isinstance(node, exp.Anonymous) and (made := dialect.aggregates.get(node.name.upper())):
            node.replace(made(node.expressions))
    return tree


def _with_temporary_names(tokens: list[Token]) -> list[Token]:
    """`#t` where no operand stands before it is a name."""
    if not any(token.token_type is TokenType.HASH for token in tokens):
        return tokens
    made: list[Token] = []
    for token in tokens:
        if made and made[-1].token_type is TokenType.HASH and made[-1].end + 1 == token.start:
            before = made[-2].token_type if len(made) > 1 else None
            if before not in _OPERANDS:
                mark = made.pop()
                name = f"#{token.text}"
                made.append(Token(TokenType.IDENTIFIER, name, token.line, token.col, mark.start, token.end, []))
                continue
        made.append(token)
    return made


def _shown(tokens: list[Token]) -> str | None:
    """Query that answers a SHOW of the catalog."""
    if tokens[0].text.upper() != "SHOW" or len(tokens) != 2:
        return None
    return show_query(tokens[1].text)


def too_deep() -> TooComplex:
    """Fault of a statement whose expressions nest beyond what can be walked."""
    return TooComplex(
        "the statement nests too deep to be read",
        hint="split it with WITH, or use IN (…) for long chains of OR",
        metadata={"limit": "nesting"},
    )


def only_reading(tree: exp.Expr | None, tokens: list[Token]) -> exp.Query:
    """Return the tree if it is a query without any part that writes."""
    first = tokens[0].text.upper()
    if isinstance(tree, exp.Query) and not isinstance(tree, exp.Table):
        for node in tree.find_all(*_WRITERS):
            raise WriteRefused(
                f"the statement writes ({node.key.upper()}); only reading is allowed",
                hint=WRITE_HINT if isinstance(node, exp.Into) else "send a SELECT",
                metadata={"construct": node.key.upper()},
            )
        for select in tree.find_all(exp.Select):
            if not select.expressions:
                raise InvalidSql("SELECT has no columns", hint="name columns, or write *")
        return tree
    if first in _OTHERS:
        raise NotTranslatable(first, "only queries run", hint=_OTHERS[first])
    hint = WRITE_HINT if first in SCRATCH_VERBS else "send a SELECT or WITH … SELECT"
    raise WriteRefused(f"{first} is not a query; only reading is allowed", hint=hint)


def _one_statement(tokens: list[Token]) -> list[Token]:
    parts = [part for part in _split(tokens) if part]
    if not parts:
        raise EmptyStatement("the text has no statement", hint="send one SELECT")
    if len(parts) > 1:
        start = parts[1][0]
        raise SeveralStatements(
            f"the text has {len(parts)} statements; the second begins at line {start.line}",
            hint="send them one by one",
            metadata={"line": str(start.line), "column": str(start.col - len(start.text) + 1)},
        )
    return parts[0]


def _split(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _from_parse_error(error: ParseError, dialect: Dialect) -> InvalidSql:
    facts = error.errors[0] if error.errors else {}
    line, column = facts.get("line") or 1, _column(facts)
    what = str(facts.get("description") or "the statement cannot be parsed").partition(" but got <")[0].rstrip(".")
    what = _MISSING.sub(lambda found: f"{found[1].upper()} before it is not whole", what)
    near = str(facts.get("highlight") or "")
    where = f"line {line}, column {column}" + (f", near {near!r}" if near else "")
    return InvalidSql(
        f"{where}: {what} (read as {dialect.name})",
        hint="check the text around that place, or name another dialect",
        metadata={"line": str(line), "column": str(column), "dialect": dialect.name},
    )


def _column(facts: Mapping[str, Any]) -> int:
    """Where the word begins that the parser stumbled over: it tells where that ends."""
    return max(int(facts.get("col") or 1) - len(facts.get("highlight") or " ") + 1, 1)


def _from_token_error(error: TokenError, sql: str, dialect: Dialect) -> InvalidSql:
    found = re.search(r"line (\d+), col (\d+)|at (\d+):(\d+)|(\d+):(\d+)", str(error))
    numbers = [int(n) for n in found.groups() if n] if found else []
    line, column = (numbers[0], numbers[1]) if len(numbers) == 2 else (sql.count("\n") + 1, 1)
    return InvalidSql(
        f"line {line}, column {column}: a quote, comment or name is not closed (read as {dialect.name})",
        hint="close it, or name another dialect",
        metadata={"line": str(line), "column": str(column), "dialect": dialect.name},
    )
