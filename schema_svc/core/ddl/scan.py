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
        """Split the text at its semicolons."""
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
            offset = token.end
            if token.word != ";":
                tokens.append(token)
            elif tokens:
                yield Statement(tuple(tokens), tokens[0].start, tokens[-1].end)
                tokens = []
        if tokens:
            yield Statement(tuple(tokens), tokens[0].start, tokens[-1].end)


# No possessive quantifiers here: over groups they go wrong before Python 3.11.5.
_COMMENTS = r"--[^\n]*|/\*[\s\S]*?\*/"
_PLACEHOLDER = r"\{\{[^{}\n]*\}\}|[$&]?\{[^{}\n]*\}"
_WORD = rf"(?:[^\W\d]|[#@]|{_PLACEHOLDER})(?:[\w$#@]|{_PLACEHOLDER})*"
_REST = rf"""
  | (?P<QUOTED>"(?!"(?!"))[^"]*(?:""[^"]*)*"(?!")|`[^`]+`)
  | (?P<DOLLAR>\$(?P<tag>[A-Za-z_]*)\$[\s\S]*?\$(?P=tag)\$)
  | (?P<WORD>{_WORD})
  | (?P<NUMBER>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<BAD>['"`]|/\*|\$[A-Za-z_]*\$)
  | (?P<MARK>::|<=|>=|<>|!=|\|\||[^\s])
"""
_PLAIN_STRING = r"(?P<STRING>'[^']*(?:''[^']*)*'(?!'))"
_ESCAPED_STRING = r"(?P<STRING>'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'(?!'))"
_STANDARD = re.compile(_PLAIN_STRING + _REST, re.VERBOSE)
_SNOWFLAKE = re.compile(_ESCAPED_STRING + _REST, re.VERBOSE)
_STANDARD_GAP = re.compile(rf"(?:\s+|{_COMMENTS})*")
_SNOWFLAKE_GAP = re.compile(rf"(?:\s+|//[^\n]*|{_COMMENTS})*")
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


def _resume(sql: str, start: int) -> int:
    """Where the statement after an unterminated one begins."""
    match = _END_OF_STATEMENT.search(sql, start)
    return match.end() if match else len(sql)
