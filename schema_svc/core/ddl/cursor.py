"""A reading position in a statement's tokens. Brackets are matched once, without recursion."""

import re
from collections.abc import Iterator
from typing import NamedTuple, Self

from schema_svc.core.ddl.scan import Statement, Text, Token, TokenKind
from schema_svc.core.names import fold, identifier
from schema_svc.core.vocabulary import Dialect

DEEPEST = 64
_DOLLARS = re.compile(r"\A\$\w*\$|\$\w*\$\Z")
_ESCAPE = re.compile(r"\\(['\"\\])")
_NAME_PART = re.compile(r'"(?:[^"]|"")*"|[^."]+')
_KEEPS_SPACE = ("'", '"', "`", "$", "--", "/*", "//")
_OPENING = {"(": ")", "[": "]"}
_CLOSING = frozenset(_OPENING.values())


class TableName(NamedTuple):
    """A table's name with what stands before it; empty where nothing does."""

    database: str
    schema: str
    name: str


class UnreadableSql(Exception):
    """A statement cannot be imported; `offset` is the place in the text."""

    def __init__(self, message: str, offset: int, hint: str = "", *, too_deep: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint
        self.too_deep = too_deep


class Skipped(Exception):
    """A statement that has no part in an experiment; the text says why."""


class Cursor:
    """A position between `at` and `stop` in one statement."""

    def __init__(self, text: Text, tokens: tuple[Token, ...], closers: dict[int, int], at: int, stop: int) -> None:
        self.text = text
        self.tokens = tokens
        self.at = at
        self.stop = stop
        self._closers = closers

    @classmethod
    def of(cls, text: Text, statement: Statement) -> Self:
        """Begin at a statement's first token."""
        if statement.unterminated:
            what, start = statement.unterminated.what, statement.unterminated.start
            raise UnreadableSql(f"a {what} begins here and never ends", start, f"close the {what}")
        tokens = statement.tokens
        return cls(text, tokens, _match_brackets(tokens), 0, len(tokens))

    def fork(self) -> "Cursor":
        """Another cursor at the same place."""
        return Cursor(self.text, self.tokens, self._closers, self.at, self.stop)

    @property
    def dialect(self) -> Dialect:
        """The text's dialect."""
        return self.text.dialect

    @property
    def ended(self) -> bool:
        """True where nothing is left."""
        return self.at >= self.stop

    @property
    def offset(self) -> int:
        """Offset in the text of what comes next."""
        if not self.ended:
            return self.tokens[self.at].start
        return self.tokens[self.stop - 1].end if self.stop else 0

    def peek(self, ahead: int = 0) -> Token | None:
        """A token without taking it."""
        return self.tokens[self.at + ahead] if self.at + ahead < self.stop else None

    def word(self, ahead: int = 0) -> str:
        """The bare word or mark that comes, upper case; empty for anything else."""
        token = self.peek(ahead)
        return token.word if token else ""

    def take(self) -> Token:
        """Take a token of any kind."""
        token = self.peek()
        if token is None:
            raise self.problem("the statement ends too early")
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Take these words if they all come next."""
        if any(self.word(ahead) != word for ahead, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def accept_any(self, *words: str) -> str:
        """Take one of these words if it comes next; empty otherwise."""
        word = self.word()
        return self.take().word if word in words else ""

    def expect(self, *words: str) -> None:
        """Take these words or fail."""
        for word in words:
            if not self.accept(word):
                raise self.problem(f"{word} is expected, not {self.shown()}")

    def name(self, what: str = "a name") -> str:
        """Take an identifier, folded as the dialect does."""
        if self.word() == "<" and self.word(2) == ">":
            self.at += 3
            return self.raw(self.at - 3)
        token = self.peek()
        if token is None or token.kind not in {TokenKind.WORD, TokenKind.QUOTED}:
            raise self.problem(f"{what} is expected, not {self.shown()}")
        self.at += 1
        return _folded(token.text, self.dialect)

    def qualified_name(self, what: str = "a table's name") -> TableName:
        """Take `[[database.]schema.]name` or `IDENTIFIER(…)`."""
        parts = self._identifier_parts() if self.word() == "IDENTIFIER" and self.word(1) == "(" else [self.name(what)]
        while self.accept("."):
            parts.append(fold("public", self.dialect, quoted=False) if self.word() == "." else self.name())
        if len(parts) > len(TableName._fields):
            raise self.problem(f"{'.'.join(parts)} has too many parts", "write database.schema.table")
        return TableName(*[""] * (len(TableName._fields) - len(parts)), *parts)

    def _identifier_parts(self) -> list[str]:
        """Snowflake's IDENTIFIER('a.b'): the name is a string, or a variable."""
        self.take()
        inside = self.group()
        token = inside.peek()
        if token is None or token.kind is not TokenKind.STRING:
            return [inside.name("a table's name")]
        parts = _NAME_PART.findall(inside.string("a name"))
        if not parts:
            raise inside.problem("IDENTIFIER names nothing")
        return [_folded(part, self.dialect) for part in parts]

    def string(self, what: str) -> str:
        """Take a string's value."""
        token = self.peek()
        if token is None or token.kind not in {TokenKind.STRING, TokenKind.QUOTED}:
            raise self.problem(f"{what} is expected, not {self.shown()}")
        self.at += 1
        if token.kind is TokenKind.QUOTED:
            return token.text[1:-1]
        if token.text.startswith("$"):
            return _DOLLARS.sub("", token.text)
        escaped = self.dialect is Dialect.SNOWFLAKE or not token.text.startswith("'")
        value = token.text[token.text.index("'") + 1 : -1].replace("''", "'")
        return _ESCAPE.sub(r"\1", value) if escaped else value

    def group(self) -> "Cursor":
        """Take `( … )`; answer a cursor over what is inside."""
        if self.word() != "(":
            raise self.problem(f"'(' is expected, not {self.shown()}")
        closer = self._closers.get(self.at)
        if closer is None:
            raise self.problem("'(' is never closed", "close the bracket")
        inside = Cursor(self.text, self.tokens, self._closers, self.at + 1, closer)
        self.at = closer + 1
        return inside

    def names(self) -> list[str]:
        """Take `( name, … )`."""
        names = []
        for part in self.group().parts():
            names.append(part.name("a column's name"))
            part.accept_any("ASC", "DESC")
            if part.accept("NULLS"):
                part.accept_any("FIRST", "LAST")
            part.finish("after a column's name")
        return names

    def key_text(self) -> str:
        """Take `( name, … )`; answer the names as SQL text."""
        return ", ".join(identifier(name, self.dialect) for name in self.names())

    def parts(self) -> Iterator["Cursor"]:
        """Split what is left at its outer commas."""
        begin = self.at
        while not self.ended:
            if self.word() == ",":
                yield Cursor(self.text, self.tokens, self._closers, begin, self.at)
                begin = self.at + 1
            self.skip()
        yield Cursor(self.text, self.tokens, self._closers, begin, self.stop)

    def skip(self) -> None:
        """Go over one token, or over a bracket with all that is in it."""
        self.at = self._closers.get(self.at, self.at) + 1

    def raw(self, begin: int) -> str:
        """The text from token number `begin` to here; in one line where that changes nothing."""
        if begin >= self.at:
            return ""
        written = self.text.sql[self.tokens[begin].start : self.tokens[self.at - 1].end]
        return written if any(mark in written for mark in _KEEPS_SPACE) else " ".join(written.split())

    def rest(self) -> str:
        """Take all that is left, as text."""
        begin, self.at = self.at, self.stop
        return self.raw(begin)

    def finish(self, where: str) -> None:
        """Fail unless nothing is left."""
        if not self.ended:
            raise self.problem(f"{self.shown()} is not understood {where}", "a comma or a bracket may be missing here")

    def shown(self) -> str:
        """What comes next, for a message."""
        token = self.peek()
        return f"{token.text[:40]!r}" if token else "the end"

    def problem(self, message: str, hint: str = "") -> UnreadableSql:
        """A problem at what comes next."""
        return UnreadableSql(message, self.offset, hint)


def _folded(text: str, dialect: Dialect) -> str:
    if text[:1] in {'"', "`"}:
        return fold(text[1:-1].replace('""', '"'), dialect, quoted=True)
    return fold(text, dialect, quoted=False)


def _match_brackets(tokens: tuple[Token, ...]) -> dict[int, int]:
    closers: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token.word in _OPENING:
            opened.append(number)
            if len(opened) > DEEPEST:
                raise UnreadableSql(
                    f"brackets nest deeper than {DEEPEST}", token.start, "simplify the expression", too_deep=True
                )
        elif token.word in _CLOSING:
            if not opened or _OPENING[tokens[opened[-1]].word] != token.word:
                raise UnreadableSql(f"{token.text!r} closes nothing", token.start, "a bracket before it is missing")
            closers[opened.pop()] = number
    if opened:
        raise UnreadableSql(
            f"{tokens[opened[-1]].text!r} is never closed", tokens[opened[-1]].start, "close the bracket"
        )
    return closers
