"""The source of a method, and what a name in it stands for."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from generator_svc.core.kernels.faker_draws import Unreadable


class Self:
    """A provider: what `self` is inside a method."""

    def __init__(self, provider: Any) -> None:
        self.provider = provider


class Generator:
    """The generator: `self.generator`."""


class Random:
    """`self.generator.random`."""


class Once:
    """A draw that a name stands for: used again, it would be another one."""

    def __init__(self, draw: Any) -> None:
        self.draw, self.used = draw, False


def definition_of(function: Callable[..., Any]) -> ast.FunctionDef:
    """Parse a function's source."""
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        raise Unreadable("no source") from None
    if not isinstance(definition, ast.FunctionDef):
        raise Unreadable("no function")
    return definition


def constants(spec: ast.expr | None) -> Iterator[ast.Constant]:
    """List the parts of a format's width, which has to be written out."""
    for each in spec.values if isinstance(spec, ast.JoinedStr) else ():
        if not isinstance(each, ast.Constant):
            raise Unreadable("a width that is computed")
        yield each
