"""Pools: up to `POOL_DRAWS` values of any Faker method, for those that have no kernel of their own.

A pool is a function of Faker's version, method, locale, arguments and `as_of` alone: its random numbers are seeded by
these, Faker's clock stands still at `as_of`, and values come in the order of their drawing. Values are distinct; one
that was drawn k times of all has weight k, so that what is frequent in Faker is frequent here.
"""

import datetime as dt
import inspect
import json
import threading
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final

import faker

from dwsim_wire.faker_names import locale_generator, provider_names, unknown
from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule, UnknownProvider
from generator_svc.core.kernels.faker_clock import standing_clock
from generator_svc.core.primitives import derive_key

POOL_DRAWS: Final = 2_000
_MOST_CHARACTERS: Final = 1 << 24
_MOST_COUNT: Final = 1_000
_COUNTS: Final = (
    "nb",
    "num",
    "length",
    "count",
    "size",
    "rows",
    "chars",
    "digits",
    "elements",
    "columns",
    "depth",
    "indent",
)
_REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("binary", "image", "json_bytes", "tar", "zip"), "it makes bytes"),
    **dict.fromkeys(("time_series", "enum"), "it makes no single value"),
    **dict.fromkeys(("pyiterable", "pyobject", "pyset"), "its values have no order or none at all"),
    **dict.fromkeys(("passport_dates", "passport_full", "passport_gender"), "its values differ between machines"),
}
_TURN: Final = threading.Lock()


def pool_values(provider: str, locale: str, arguments: Mapping[str, Any], as_of: dt.date) -> tuple[str, ...]:
    """Values of a Faker method as text, repeated as often as they were drawn; NULL draws are left out."""
    if provider in _REFUSED:
        raise ImpossibleRule(
            f"provider '{provider}' gives no column: {_REFUSED[provider]}",
            hint="choose another provider or rule",
            metadata={"provider": provider},
        )
    _refuse_counts(provider, arguments)
    return _values(provider, locale, json.dumps(arguments, sort_keys=True), as_of)


@lru_cache(maxsize=256)
def _values(provider: str, locale: str, arguments: str, as_of: dt.date) -> tuple[str, ...]:
    with _TURN, standing_clock(as_of):
        _refuse_unknown(provider, locale)
        generator = locale_generator(locale)
        generator.set_formatter("get_formatter", partial(_formatter, generator, locale))
        generator.seed_instance(int(derive_key("faker pool", faker.VERSION, provider, locale, arguments)))
        return _drawn(provider, getattr(generator, provider), json.loads(arguments))


def _formatter(generator: Any, locale: str, name: str) -> Any:
    """Find the method of `{{name}}` in an argument: a provider that has a pool of its own, no other part of Faker."""
    if name in _REFUSED or name not in provider_names(locale):
        raise AttributeError(f"'{name}' is no provider to draw from")
    return getattr(generator, name)


def _drawn(provider: str, method: Any, arguments: Mapping[str, Any]) -> tuple[str, ...]:
    values: list[str] = []
    characters = 0
    for _ in range(POOL_DRAWS):
        try:
            value = method(**arguments)
        except Exception as error:  # whatever a provider raises is said of its arguments
            raise _misused(provider, method, arguments, error) from error
        if value is None or value == "":
            continue
        values.append(_text(value))
        characters += len(values[-1])
        if characters > _MOST_CHARACTERS:
            raise ImpossibleRule(
                f"values of '{provider}' are too long for a pool: {len(values)} have {characters} characters",
                hint="ask for shorter values",
                metadata={"provider": provider},
            )
    if not values:
        raise ImpossibleRule(f"provider '{provider}' gives nothing but NULL", hint="use null_fraction")
    return tuple(values)


def _misused(provider: str, method: Any, arguments: Mapping[str, Any], error: Exception) -> InvalidArgument:
    given = ", ".join(f"{name} = {value!r}" for name, value in arguments.items()) or "no arguments"
    return InvalidArgument(
        f"provider '{provider}' cannot be called with {given}: {type(error).__name__}: {str(error)[:200]}",
        hint=f"its arguments are {provider}{inspect.signature(method)}",
        metadata={"provider": provider},
    )


def _text(value: Any) -> str:
    """Write a value as text of its type; what has parts is JSON."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Decimal():
            return format(value, "f")
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case dict() | list() | tuple():
            return json.dumps(value, default=_text, ensure_ascii=False)
        case _:
            return str(value)


def _refuse_counts(provider: str, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments that would make a value larger than a cell."""
    for name, value in _counts("", arguments):
        if value > _MOST_COUNT:
            raise InvalidArgument(
                f"argument '{name}' of provider '{provider}' is {value}, at most {_MOST_COUNT} is served",
                hint="ask for less, or use the text or pattern rule",
                metadata={"provider": provider},
            )


def _counts(name: str, value: Any) -> Iterator[tuple[str, int | float]]:
    """Find the numbers that say how much, in arguments and inside them; widths of columns are bare."""
    match value:
        case dict():
            for inner, each in value.items():
                yield from _counts(inner, each)
        case list():
            for each in value:
                yield from _counts(name, each)
        case int() | float() if not isinstance(value, bool):
            if any(part.startswith(count) for part in name.split("_") for count in _COUNTS):
                yield name, value


def _refuse_unknown(provider: str, locale: str) -> None:
    wrong = unknown(provider, locale)
    if wrong is None and provider in provider_names(locale):
        return
    message, hint = (wrong.message, wrong.hint) if wrong else (f"Faker has no provider '{provider}'", "")
    fault = InvalidArgument if wrong and wrong.locale else UnknownProvider
    raise fault(message, hint=hint, metadata={"provider": provider, "locale": locale})
