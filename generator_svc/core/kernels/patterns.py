"""Faker's pattern methods: numerify, lexify, bothify, hexify, and a choice of listed elements."""

import re
import string
from collections.abc import Callable, Mapping
from typing import Any, Final

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.kernels.grammar import Phrase, formats, literal, words

_NUMBERS: Final = re.compile(r"[#%$!@]")
_HEX_DIGITS: Final = "0123456789abcdef"
_MOST_MARKS: Final = 1_000


def _pattern(name: str, default: str, letters: str) -> Callable[[Mapping[str, Any]], Phrase]:
    """Read the arguments `text` and `letters`; empty letters leave `?` as it stands."""

    def phrase(arguments: Mapping[str, Any]) -> Phrase:
        known = {"text": default, "letters": letters} if letters else {"text": default}
        given = _read(name, arguments, known)
        if (length := len(given["text"])) > _MOST_MARKS:
            raise InvalidArgument(
                f"argument 'text' of provider '{name}' has {length} characters, at most {_MOST_MARKS} are served",
                hint="write a shorter text",
            )
        return _joined([_mark(mark, given.get("letters", ""), name) for mark in given["text"]])

    return phrase


def _mark(mark: str, letters: str, name: str) -> Phrase:
    """Make one character: a digit for `#`, `%`, `$`, a digit or nothing for `!`, `@`, a letter for `?`."""
    if mark == "?" and letters:
        return words(letters)
    if name == "hexify":
        return words(_HEX_DIGITS) if mark == "^" else literal(mark)
    if name == "lexify" or not _NUMBERS.match(mark):
        return literal(mark)
    if mark in "!@":
        digits = string.digits if mark == "!" else string.digits[1:]
        return formats(["{{digit}}", "{{nothing}}"], {"digit": words(digits), "nothing": literal("")})
    return formats([mark], {})


def _joined(phrases: list[Phrase]) -> Phrase:
    whole = literal("")
    for phrase in phrases:
        whole = whole.then(phrase)
    return whole


def _elements(arguments: Mapping[str, Any]) -> Phrase:
    """Choose among `elements`: a list, or an object of weights."""
    elements = _read("random_element", arguments, {"elements": ["a", "b", "c"]})["elements"]
    weighted = elements if isinstance(elements, dict) else [str(element) for element in elements]
    weights = list(weighted.values()) if isinstance(weighted, dict) else [1.0] * len(weighted)
    if not any(weights) or not all(isinstance(weight, (int, float)) and weight >= 0 for weight in weights):
        raise InvalidArgument(
            "random_element has no elements to choose from", hint='give ["a", "b"] or {"a": 1, "b": 2}'
        )
    return words(weighted)


def _read(name: str, arguments: Mapping[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    for argument, value in arguments.items():
        if argument not in known or not isinstance(value, (str, list, dict)) or not value:
            raise InvalidArgument(
                f"provider '{name}' has no argument '{argument}' = {value!r}", hint=f"arguments: {', '.join(known)}"
            )
    return known | dict(arguments)


PATTERN_PHRASES: Final[Mapping[str, Callable[[Mapping[str, Any]], Phrase]]] = {
    "numerify": _pattern("numerify", "###", ""),
    "lexify": _pattern("lexify", "????", string.ascii_letters),
    "bothify": _pattern("bothify", "## ??", string.ascii_letters),
    "hexify": _pattern("hexify", "^^^^", ""),
    "random_element": _elements,
}
