"""Calls in Faker's methods: of its random numbers, of texts, and comparisons, each of draws instead of values."""

import ast
import datetime as dt
import string
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from generator_svc.core.kernels.faker_draws import (
    Pieces,
    Unreadable,
    as_text,
    changed,
    first_piece,
    is_drawn,
    joined,
    masked,
    options,
    padded,
    repeated,
    whole_number,
)
from generator_svc.core.kernels.grammar import Phrase


def added(left: Any, right: Any) -> Any:
    """Add two numbers, or put two texts behind each other."""
    return joined([left, right]) if is_drawn(left) or is_drawn(right) else left + right


def percent(template: str, values: tuple[Any, ...]) -> Any:
    """Evaluate `"%03d-%s" % values`."""
    pieces, rest = [], template
    for value in values:
        before, _, rest = rest.partition("%")
        spec = rest[: min(at for mark in "ds" if (at := rest.find(mark)) >= 0)]
        rest = rest[len(spec) + 1 :]
        pieces += [before, as_text(value, f"{spec}d" if spec else "")]
    return joined([*pieces, rest])


def _filled(template: str, *values: Any) -> Any:
    """Evaluate `"({0}; {1})".format(…)`; a value that stands twice is one draw."""
    parsed = list(string.Formatter().parse(template))
    times = Counter(int(field) for _, field, _, _ in parsed if field is not None)
    made = [repeated(value) if is_drawn(value) and times[at] > 1 else value for at, value in enumerate(values)]
    pieces: list[Any] = []
    for before, field, _, _ in parsed:
        pieces += [before] if field is None else [before, made[int(field)]]
    return joined(pieces)


def moment(first: dt.datetime, last: dt.datetime) -> Phrase:
    """Draw a moment of whole years, on any day that each of them has, as Python writes it."""
    new_year = dt.date(2001, 1, 1)
    days = options([(new_year + dt.timedelta(days=day)).strftime("-%m-%d ") for day in range(365)])
    times = [("", 0, 23, "02d"), (":", 0, 59, "02d"), (":", 0, 59, "02d"), (".", 0, 999_999, "06d")]
    clock = [each for sign, low, high, spec in times for each in (sign, as_text(whole_number(low, high), spec))]
    return as_text(joined([as_text(whole_number(first.year, last.year), "04d"), days, *clock]))


def _join(separator: str, values: Any) -> Any:
    if isinstance(values, Pieces):
        return changed(values.text, lambda text: text.replace(values.separator, separator))
    parts = [part for value in values for part in (separator, value)]
    return joined(parts[1:])


def _pop(pieces: Any, index: int = -1) -> Phrase:
    if isinstance(pieces, Pieces) and index == 0:
        return first_piece(pieces)
    raise Unreadable("a part of a text")


OF_TEXT: Final[Mapping[str, Callable[..., Any]]] = {
    "upper": lambda text: changed(text, str.upper),
    "lower": lambda text: changed(text, str.lower),
    "replace": lambda text, old, new: changed(text, lambda each: each.replace(old, new)),
    "split": Pieces,
    "join": _join,
    "pop": _pop,
    "zfill": padded,
    "get": lambda mapping, key, default=None: mapping.get(key, default),
    "format": _filled,
    "keys": lambda mapping: tuple(mapping.keys()),
}
"""Methods of texts and collections."""
DRAWS: Final[Mapping[str, Callable[..., Any]]] = {
    "random_element": options,
    "random_elements": lambda elements, length: [options(elements)] * length,
    "numerify": lambda text="###": masked(text, None, numbers=True),
    "lexify": lambda text="????", letters=string.ascii_letters: masked(text, letters, numbers=False),
    "bothify": lambda text="## ??", letters=string.ascii_letters: masked(text, letters, numbers=True),
    "random_int": lambda min=0, max=9999: whole_number(min, max),  # noqa: A006 as Faker names them
    "random_digit": lambda: whole_number(0, 9),
    "random_digit_not_null": lambda: whole_number(1, 9),
    "random_digit_above_two": lambda: whole_number(2, 9),
    "random_number": lambda digits, fix_len=False: whole_number(10 ** (digits - 1) if fix_len else 0, 10**digits - 1),
    "random_letter": lambda: options(string.ascii_letters),
    "random_lowercase_letter": lambda: options(string.ascii_lowercase),
    "random_uppercase_letter": lambda: options(string.ascii_uppercase),
}
"""Methods that every provider has."""
RANDOM: Final[Mapping[str, Callable[..., Any]]] = {
    "choice": options,
    "randint": whole_number,
    "randrange": lambda low, high, step=1: options(range(low, high, step)),
    "getrandbits": lambda bits: whole_number(0, 2**bits - 1),
}
"""Methods of `self.generator.random`."""
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "dict": dict,
    "isinstance": isinstance,
    "len": len,
    "list": list,
    "range": range,
    "str": str,
}
"""Functions of fixed values."""
COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.Gt: lambda a, b: a > b,
    ast.LtE: lambda a, b: a <= b,
    ast.GtE: lambda a, b: a >= b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}
"""Comparisons of fixed values."""
