"""Patterns: the regular expressions that texts are made of, read into a tree.

Served are literals, escapes, classes, groups, alternation and repetition: what describes a text from its start to its
end. What asks about a text instead (look-around, back-references, boundaries, flags) is refused by name and place. An
open repetition (`*`, `+`, `{2,}`) goes at most `OPEN_REPEATS` beyond its least.
"""

import re
import string
from dataclasses import dataclass
from typing import Final

from dwsim_wire.fault import InvalidArgument

OPEN_REPEATS: Final = 16
_MOST_REPEATS: Final = 1000
_DEEPEST: Final = 40
_MOST_CHARACTERS: Final = 1 << 16
_PRINTABLE: Final = frozenset(map(chr, range(0x20, 0x7F)))
_CLASSES: Final = {
    "d": frozenset(string.digits),
    "w": frozenset(string.ascii_letters + string.digits + "_"),
    "s": frozenset(" "),
}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_CODES: Final = {"x": 2, "u": 4, "U": 8}
_REPEATS: Final = {"*": (0, OPEN_REPEATS), "+": (1, 1 + OPEN_REPEATS), "?": (0, 1)}
_NAMED: Final = re.compile(r"\[:\^?[a-z]+:\]")
_GROUPS: Final = {
    "?=": "look-ahead",
    "?!": "look-ahead",
    "?<=": "look-behind",
    "?<!": "look-behind",
    "?P=": "a back-reference",
    "?>": "an atomic group",
    "?(": "a conditional group",
    "?#": "a comment",
}
_SERVED: Final = r"served are literals, escapes, classes, groups, |, *, +, ? and {m,n}, such as [A-Z]{3}-\d{4}"


@dataclass(frozen=True, slots=True)
class Characters:
    """One character of a list, in the order of their code points."""

    choices: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts one after the other."""

    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several options."""

    options: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A part between `least` and `most` times."""

    part: "Pattern"
    least: int
    most: int


Pattern = Characters | Joined | Either | Repeated


def read_pattern(expression: str) -> Pattern:
    """Read an expression; `^` at its start and `$` at its end say what holds anyway."""
    if not expression:
        raise InvalidArgument("a pattern needs an expression", hint=_SERVED)
    reader = _Reader(expression)
    pattern = reader.alternatives()
    if reader.at < len(expression):
        raise reader.refusal("a closing parenthesis without an opening one")
    return pattern


class _Reader:
    """Reads by recursive descent."""

    def __init__(self, expression: str) -> None:
        self._text, self.at, self._depth = expression, 0, 0

    def alternatives(self) -> Pattern:
        """Read options up to a closing parenthesis or the end."""
        options = [self._branch()]
        while self._takes("|"):
            options.append(self._branch())
        return options[0] if len(options) == 1 else Either(tuple(options))

    def refusal(self, what: str) -> InvalidArgument:
        """Say what is not served, and where."""
        return InvalidArgument(f"pattern {self._text!r} has {what} at character {self.at + 1}", hint=_SERVED)

    def _branch(self) -> Pattern:
        parts = []
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            if self._anchored():
                continue
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def _anchored(self) -> bool:
        """Skip an anchor where it says nothing; refuse it elsewhere."""
        at, mark = self.at, self._text[self.at]
        if mark not in "^$":
            return False
        before, behind = self._text[:at], self._text[at + 1 :]
        outside = self._depth == 0
        if outside and ((mark == "^" and before[-1:] in ("", "|")) or (mark == "$" and behind[:1] in ("", "|"))):
            self.at += 1
            return True
        raise self.refusal(f"an anchor {mark} in its middle")

    def _atom(self) -> Pattern:
        start, mark = self.at, self._text[self.at]
        self.at += 1
        if mark == "(":
            return self._group()
        if mark == "[":
            return Characters("".join(sorted(self._class())))
        if mark == ".":
            return Characters("".join(sorted(_PRINTABLE)))
        if mark == "\\":
            return Characters("".join(sorted(self._escape())))
        if mark in _REPEATS:
            self.at = start
            raise self.refusal(f"nothing to repeat before {mark}")
        return Characters(mark)

    def _group(self) -> Pattern:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.refusal(f"more than {_DEEPEST} groups in each other")
        if self._text[self.at : self.at + 1] == "?":
            self._group_head()
        inner = self.alternatives()
        if not self._takes(")"):
            raise self.refusal("no closing parenthesis")
        self._depth -= 1
        return inner

    def _group_head(self) -> None:
        for head, name in _GROUPS.items():
            if self._text.startswith(head, self.at):
                raise self.refusal(name)
        if self._takes("?:"):
            return
        end = self._text.find(">", self.at)
        if not self._text.startswith("?P<", self.at) or not self._text[self.at + 3 : max(end, 0)].isidentifier():
            raise self.refusal("flags or an unknown group")
        self.at = end + 1

    def _class(self) -> frozenset[str]:
        negated = self._takes("^")
        found: set[str] = set()
        first = True
        while first or not self._text.startswith("]", self.at):
            first = False
            found |= self._member()
        self.at += 1
        chosen = _PRINTABLE - found if negated else frozenset(found)
        if not chosen:
            raise self.refusal("a class without a character")
        return chosen

    def _member(self) -> frozenset[str]:
        """Read one character, escape or range of a class."""
        if _NAMED.match(self._text, self.at):
            raise self.refusal("a class by its POSIX name")
        low = self._class_character()
        range_follows = self._text.startswith("-", self.at) and self._text[self.at + 1 : self.at + 2] not in ("]", "")
        if not range_follows:
            return low
        self.at += 1
        high = self._class_character()
        first, last = min(low), min(high)
        if len(low) > 1 or len(high) > 1 or first > last:
            raise self.refusal("a range whose ends are no two characters in order")
        if ord(last) - ord(first) >= _MOST_CHARACTERS:
            raise self.refusal(f"a class of more than {_MOST_CHARACTERS} characters")
        return frozenset(chr(code) for code in range(ord(first), ord(last) + 1) if not 0xD800 <= code < 0xE000)

    def _class_character(self) -> frozenset[str]:
        if self.at >= len(self._text):
            raise self.refusal("no closing bracket")
        mark = self._text[self.at]
        self.at += 1
        return self._escape() if mark == "\\" else frozenset(mark)

    def _escape(self) -> frozenset[str]:
        mark = self._text[self.at : self.at + 1]
        self.at += 1
        if mark in _CONTROLS:
            return frozenset(_CONTROLS[mark])
        if mark.lower() in _CLASSES:
            named = _CLASSES[mark.lower()]
            return named if mark.islower() else _PRINTABLE - named
        if mark in _CODES:
            return frozenset(self._code(_CODES[mark]))
        if not mark or mark.isalnum():
            self.at -= 1
            raise self.refusal("a back-reference" if mark.isdigit() else f"the escape \\{mark}")
        return frozenset(mark)

    def _code(self, digits: int) -> str:
        code = self._text[self.at : self.at + digits]
        if len(code) < digits or set(code) - set(string.hexdigits) or not _is_character(int(code, 16)):
            raise self.refusal("an escape that is no character")
        self.at += digits
        return chr(int(code, 16))

    def _repeated(self, part: Pattern) -> Pattern:
        if self.at >= len(self._text):
            return part
        mark = self._text[self.at]
        counts = _REPEATS.get(mark) or (self._counts() if mark == "{" else None)
        if counts is None:
            return part
        if mark != "{":
            self.at += 1
        if self._text.startswith("+", self.at):
            raise self.refusal("a possessive repetition")
        self._takes("?")
        if self._text[self.at : self.at + 1] in tuple(_REPEATS):
            raise self.refusal("a repetition of a repetition")
        return Repeated(part, *counts)

    def _counts(self) -> tuple[int, int] | None:
        """Read `{3}`, `{2,}`, `{,5}` or `{2,5}`; another brace is a literal."""
        end = self._text.find("}", self.at)
        low, comma, high = self._text[self.at + 1 : max(end, 0)].partition(",")
        if not (low or high) or not all(each.isascii() and each.isdigit() for each in (low, high) if each):
            return None
        if max(len(low), len(high)) > len(str(_MOST_REPEATS)):
            raise self.refusal(f"more than {_MOST_REPEATS} repeats")
        least = int(low or 0)
        most = int(high) if high else least + OPEN_REPEATS if comma else least
        if most > _MOST_REPEATS + OPEN_REPEATS:
            raise self.refusal(f"more than {_MOST_REPEATS} repeats")
        if least > most:
            raise self.refusal(f"at least {least} and at most {most} repeats")
        self.at = end + 1
        return least, most

    def _takes(self, mark: str) -> bool:
        if not self._text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True


def _is_character(code: int) -> bool:
    return code <= 0x10FFFF and not 0xD800 <= code < 0xE000
