"""NULL in, NULL out: what nearly every SQL function does. Errors keep their words for the user."""

from collections.abc import Callable
from functools import wraps
from typing import Any

Scalar = Callable[..., Any]
Functions = dict[str, tuple[int, Scalar]]


def strict(function: Scalar) -> Scalar:
    """Make a function answer NULL where an argument is NULL."""

    @wraps(function)
    def answer(*args: Any) -> Any:
        if None in args:
            return None
        return function(*args)

    return answer
