"""Tokens and statements of a SQL text, with their places.

A text is split before anything is parsed, so that what is wrong in one statement stays in it: quotes, comments and `$$`
bodies are known here; an unterminated one ends its statement at the next line that ends with a semicolon.
"""

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import NamedTuple

from schema_svc.core.names import PLACEHOLDER
from schema_svc.core.vocabulary import Dialect

MOST_RECOVERIES = 20
"""Unterminated things that a text may have before its rest is one statement: each costs a look at the whole rest."""


class TokenKind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED = auto()
    STRING = auto()
    NUMBER = auto()
    MARK = auto()
    TAG = auto()
    """A template's tag, `{% … %}` or `{# … #}`: part of no statement."""


class Token(NamedTuple):
    """One token; `text` is as written, `word` is upper case and empty for what is not a bare word or a mark."""

    kind: TokenKind
    text: str
    word: str
    start: int
    end: int


class Place(NamedTuple):
    """A place in a text, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Unterminated:
    """Something that began and never ended."""

    what: str
    start: int


@dataclass(frozen=True)
class Statement:
    """The tokens of one statement, without its semicolon."""

    tokens: tuple[Token, ...]
    start: int
    end: int
    unterminated: Unterminated | None = None
    element: bool = False
    """Part of the CREATE SCHEMA before it."""
    unseparated: bool = False
    """No semicolon before it."""


@dataclass(frozen=True)
class Text:
    """A SQL text in its dialect."""

    sql: str
    dialect: Dialect

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.sql))]

    def place(self, offset: int) -> Place:
        """Line and column of an offset."""
        line = bisect.bisect_right(self._line_starts, offset)
        return Place(line, offset - self._line_starts[line - 1] + 1)

    def statements(self) -> Iterator[Statement]:
        """Split the text at its semicolons, and where a semicolon is plainly missing."""
        tokens: list[Token] = []
        offset = recovered = 0
        while (token := _next(self.sql, offset, self.dialect)) is not None:
            if isinstance(token, Unterminated):
                recovered += 1
                offset = _resume(self.sql, token.start) if recovered <= MOST_RECOVERIES else len(self.sql)
                start = tokens[0].start if tokens else token.start
                yield Statement(tuple(tokens), start, offset, token)
                tokens = []
                continue
            if not tokens and token.text == "\\":
                token = _line(self.sql, token)
            offset = token.end
            if token.kind is TokenKind.TAG:
                yield Statement((token,), token.start, token.end)
            elif token.word != ";":
                tokens.append(token)
            elif tokens:
                yield from self._pieces(tokens)
                tokens = []
        if tokens:
            yield from self._pieces(tokens)

    def _pieces(self, tokens: list[Token]) -> Iterator[Statement]:
        """One statement, or several: the elements of CREATE SCHEMA, a table behind a missing semicolon."""
        begin, schema = 0, tokens[0].word == "CREATE" and len(tokens) > 1 and tokens[1].word == "SCHEMA"
        for cut in self._cuts(tokens, schema=schema):
            yield _piece(tokens[begin:cut], schema=schema, first=begin == 0)
            begin = cut
        yield _piece(tokens[begin:], schema=schema, first=begin == 0)

    def _cuts(self, tokens: list[Token], *, schema: bool) -> Iterator[int]:
        """Numbers of the tokens before which a statement ends."""
        if _is_program(tokens) or all(token.word not in {"CREATE", "ALTER"} for token in tokens[1:]):
            return
        depth = 0
        for number, token in enumerate(tokens):
            depth += (token.word == "(") - (token.word == ")")
            if depth or not number or token.word not in {"CREATE", "ALTER", "GRANT"}:
                continue
            apart = "\n" in self.sql[tokens[number - 1].end : token.start]
            if (schema and tokens[number - 1].word != ",") or (apart and _begins_statement(tokens, number)):
                yield number


# No possessive quantifiers here: over groups they go wrong before Python 3.11.5.
_COMMENTS = r"--[^\n]*|/\*[\s\S]*?\*/"
_DEEPEST_COMMENT = 8


def _nested_comment() -> str:
    """A comment with comments in it, as PostgreSQL and Redshift read them; every alternative begins differently."""
    pattern = r"/\*[^*/]*(?:(?:\*(?!/)|/(?!\*))[^*/]*)*\*/"
    for _ in range(_DEEPEST_COMMENT):
        pattern = rf"/\*[^*/]*(?:(?:\*(?!/)|/(?!\*)|{pattern})[^*/]*)*\*/"
    return pattern


_VARIABLE = r"[:&](?=[A-Za-z_])|\$(?=[A-Za-z_])(?![A-Za-z_]*\$)"
_WORD = rf"(?:{PLACEHOLDER}|[^\W\d]|[#@]|{_VARIABLE})(?:{PLACEHOLDER}|[\w$#@])*"
_REST = rf"""
  | (?P<TAG>\{{%[\s\S]*?%\}}|\{{\#[\s\S]*?\#\}})
  | (?P<QUOTED>"(?!"(?!"))[^"]*(?:""[^"]*)*"(?!")|`[^`]+`)
  | (?P<DOLLAR>\$(?P<tag>[A-Za-z_]*)\$[\s\S]*?\$(?P=tag)\$)
  | (?P<WORD>{_WORD})
  | (?P<NUMBER>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<BAD>['"`]|/\*|\$[A-Za-z_]*\$)
  | (?P<MARK>::|<=|>=|<>|!=|\|\||[^\s])
"""
_PLAIN_STRING = r"(?P<STRING>[eE]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'(?!')|'[^']*(?:''[^']*)*'(?!'))"
_ESCAPED_STRING = r"(?P<STRING>'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'(?!'))"
_STANDARD = re.compile(_PLAIN_STRING + _REST, re.VERBOSE)
_SNOWFLAKE = re.compile(_ESCAPED_STRING + _REST, re.VERBOSE)
_STANDARD_GAP = re.compile(rf"(?:\s+|{_nested_comment()}|{_COMMENTS})*")
_SNOWFLAKE_GAP = re.compile(rf"(?:\s+|(?<!:)//[^\n]*|{_COMMENTS})*")
_END_OF_STATEMENT = re.compile(r";[ \t]*(?:--[^\n]*)?(?:\n|\Z)")
_OPENED = {"'": "string", '"': "quoted name", "`": "quoted name", "/*": "comment"}


def _next(sql: str, offset: int, dialect: Dialect) -> Token | Unterminated | None:
    gap, token = (_SNOWFLAKE_GAP, _SNOWFLAKE) if dialect is Dialect.SNOWFLAKE else (_STANDARD_GAP, _STANDARD)
    begin = gap.match(sql, offset)
    match = token.match(sql, begin.end() if begin else offset)
    if match is None:
        return None
    name = match.lastgroup or ""
    start, end = match.span(name)
    text = match[name]
    if name == "BAD":
        return Unterminated(_OPENED.get(text, "dollar-quoted text"), start)
    kind = TokenKind.STRING if name == "DOLLAR" else TokenKind[name]
    word = text.upper() if kind in {TokenKind.WORD, TokenKind.MARK} else ""
    return Token(kind, text, word, start, end)


def _line(sql: str, token: Token) -> Token:
    """A command of psql, such as `\\copy`: it ends with its line."""
    end = sql.find("\n", token.start)
    end = len(sql) if end < 0 else end
    text = sql[token.start : end].rstrip()
    return Token(TokenKind.TAG, text, text.split()[0].upper(), token.start, token.start + len(text))


def _piece(tokens: list[Token], *, schema: bool, first: bool) -> Statement:
    return Statement(
        tuple(tokens),
        tokens[0].start,
        tokens[-1].end,
        element=schema and not first,
        unseparated=not schema and not first,
    )


def _is_program(tokens: list[Token]) -> bool:
    """True for CREATE PROCEDURE and the like, whose bodies have statements."""
    return bool(
        {"PROCEDURE", "FUNCTION", "TASK", "TRIGGER", "ALERT", "RULE", "EXPLAIN"} & {token.word for token in tokens[:6]}
    )


def _begins_statement(tokens: list[Token], at: int) -> bool:
    """True where `CREATE … TABLE`, `ALTER TABLE` or the like comes."""
    for token in tokens[at + 1 : at + 6]:
        if token.word in {"TABLE", "VIEW", "SEQUENCE"}:
            return True
        if token.kind is not TokenKind.WORD:
            return False
    return False


def _resume(sql: str, start: int) -> int:
    """Where the statement after an unterminated one begins."""
    match = _END_OF_STATEMENT.search(sql, start)
    return match.end() if match else len(sql)
