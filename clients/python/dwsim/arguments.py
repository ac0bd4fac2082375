"""Arguments of the client's own functions: a wrong one is told by its name, before anything is sent.

What is checked is what the annotations say; numbers of NumPy and the like are numbers.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from dwsim.faults import InvalidInput

Function = TypeVar("Function", bound=Callable[..., Any])
_LONGEST_SHOWN = 60
_OF_MESSAGES = (TypeError, ValueError, UnicodeEncodeError)
"""What is raised where a message is made of arguments; Arrow's errors, which are ValueErrors too, are of answers."""
_KINDS: Mapping[object, tuple[str, type]] = {
    str: ("a text", str),
    int: ("an integer", Integral),
    float: ("a number", Real),
    bool: ("True or False", bool),
    Path: ("a Path", Path),
    NoneType: ("None", NoneType),
    Mapping: ("a mapping", Mapping),
    Sequence: ("a sequence", Sequence),
}


def checked(function: Function) -> Function:
    """The function, or method, which raises InvalidInput for arguments of other types than it says."""
    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def answer(*args: Any, **kwargs: Any) -> Any:
            check(function, args, kwargs)
            try:
                return await function(*args, **kwargs)
            except (TypeError, ValueError) as error:
                if type(error) not in _OF_MESSAGES:
                    raise
                raise InvalidInput(
                    f"{function.__name__}() was given a value that cannot be sent: {error}",
                    hint="numbers have at most 64 bits, texts are Unicode, documents are JSON",
                ) from error

        return cast(Function, answer)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        check(function, args, kwargs)
        return function(*args, **kwargs)

    return cast(Function, call)


def check(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Raise InvalidInput for the first argument of another type; names that are wrong are Python's own TypeError."""
    hints, signature = _facts(function)
    for name, value in signature.bind(*args, **kwargs).arguments.items():
        for path, wrong, words in _misfits(value, hints.get(name, Any), name):
            raise InvalidInput(
                f"{path} is {_shown(wrong)}",
                hint=f"it takes {words}",
                metadata={"field": path, "type": type(wrong).__name__},
            )


@cache
def _facts(function: Callable[..., Any]) -> tuple[dict[str, Any], inspect.Signature]:
    return get_type_hints(function), inspect.signature(function)


def _misfits(value: Any, hint: Any, path: str) -> Iterator[tuple[str, Any, str]]:
    """Paths of what has another type, with the value there and words for what would be right."""
    choices = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kinds = [get_origin(choice) or choice for choice in choices]
    if not all(kind in _KINDS for kind in kinds):
        return
    fits = next((choice for choice, kind in zip(choices, kinds, strict=True) if _is(value, kind)), None)
    if fits is None:
        yield path, value, " or ".join(_KINDS[kind][0] for kind in kinds)
    elif isinstance(value, Mapping):
        key_hint, value_hint = get_args(fits)
        for key, inner in value.items():
            yield from _misfits(key, key_hint, f"a key of {path}")
            yield from _misfits(inner, value_hint, f"{path}[{key!r}]")
    elif get_origin(fits) is Sequence:
        for place, inner in enumerate(value):
            yield from _misfits(inner, get_args(fits)[0], f"{path}[{place}]")


def _is(value: Any, kind: Any) -> bool:
    if isinstance(value, bool) and kind in (int, float):
        return False
    if isinstance(value, str | bytes) and kind is Sequence:
        return False
    return isinstance(value, _KINDS[kind][1])


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
