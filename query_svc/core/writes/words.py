"""A statement word by word, for what no grammar reads in whole: the tables that users declare."""

from collections import Counter
from collections.abc import Sequence

from sqlglot.tokenizer_core import Token, TokenType

from query_svc.core.faults import InvalidSql

_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_TEXTS = frozenset({TokenType.STRING, TokenType.HEREDOC_STRING})
Part = list[Token]


class Words:
    """Tokens read from left to right."""

    def __init__(self, tokens: list[Token], sql: str) -> None:
        self._tokens, self._at, self.sql = [word for token in tokens for word in _single(token)], 0, sql

    @property
    def over(self) -> bool:
        """Whether all was read."""
        return self._at >= len(self._tokens)

    def next_is(self, *words: str) -> bool:
        """Whether these words come next."""
        ahead = self._tokens[self._at : self._at + len(words)]
        return [t.text.upper() for t in ahead if t.token_type is not TokenType.IDENTIFIER] == list(words)

    def take(self, *words: str) -> bool:
        """Read these words if they come next."""
        if found := self.next_is(*words):
            self._at += len(words)
        return found

    def word(self) -> Token:
        """Read whatever comes next."""
        if self.over:
            raise InvalidSql("the statement ends too early", hint="check its end")
        self._at += 1
        return self._tokens[self._at - 1]

    def name(self) -> str:
        """Read a name."""
        token = self.word()
        if token.token_type not in _NAMES and not token.text[:1].isalpha():
            raise unexpected(token)
        return token.text

    @property
    def next_is_text(self) -> bool:
        """Whether a text between quotes comes next."""
        return not self.over and self._tokens[self._at].token_type in _TEXTS

    def text(self) -> str:
        """Read a text between quotes."""
        token = self.word()
        if token.token_type not in _TEXTS:
            raise unexpected(token)
        return token.text

    def qualified(self) -> tuple[str, str]:
        """Read a name and what stands before it."""
        names = [self.name()]
        while self.take("."):
            names.append(self.name())
        return (names[-2] if len(names) > 1 else "", names[-1])

    def bracketed(self) -> list[Part]:
        """Read `(…)`, cut at its commas."""
        opening = self.word()
        if opening.token_type is not TokenType.L_PAREN:
            raise unexpected(opening)
        parts: list[Part] = [[]]
        depth = 1
        while True:
            token = self.word()
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
            if depth == 0:
                return [part for part in parts if part]
            if depth == 1 and token.token_type is TokenType.COMMA:
                parts.append([])
            else:
                parts[-1].append(token)

    @property
    def opens(self) -> bool:
        """Whether `(` comes next."""
        return not self.over and self._tokens[self._at].token_type is TokenType.L_PAREN

    def rest(self) -> str:
        """Text that is not read yet, at its place: what stands before it is blank."""
        start = self._tokens[self._at].start
        head = "".join(c if c == "\n" else " " for c in self.sql[:start])
        self._at = len(self._tokens)
        return head + self.sql[start:]


def _single(token: Token) -> Part:
    """Single words of what the grammar reads as one, such as PRIMARY KEY."""
    words = token.text.split()
    if len(words) < 2 or token.token_type in (TokenType.IDENTIFIER, *_TEXTS):
        return [token]
    # the words stand at both ends of the token, whatever is between them
    ends = [(token.start, token.start + len(words[0]) - 1)]
    ends += [(token.end - len(word) + 1, token.end) for word in words[1:]]
    return [
        Token(TokenType.VAR, word, token.line, token.col, start, end, [])
        for word, (start, end) in zip(words, ends, strict=True)
    ]


def twice_in(names: Sequence[str]) -> str | None:
    """First of the names that are there more than once."""
    counts = Counter(names)
    return next((name for name in names if counts[name] > 1), None)


def text_of(part: Part, sql: str) -> str:
    """Text of some tokens."""
    return sql[part[0].start : part[-1].end + 1] if part else ""


def unexpected(token: Token) -> InvalidSql:
    """Fault of a word that does not fit."""
    return InvalidSql(
        f"line {token.line}, column {token.col}: {token.text!r} does not fit here",
        hint="check the text before that place",
        metadata={"line": str(token.line), "column": str(token.col)},
    )
