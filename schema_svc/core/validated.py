"""Plain data -> models, with every broken rule of the data, and the models of what is left without them.

So the rules that span the whole document are checked beside a typing error in one of its fields.
"""

import copy
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schema_svc.core.faults import InvalidExperiment, TooComplex, UnknownDialect
from schema_svc.core.locate import keys_at, path_text
from schema_svc.core.names import did_you_mean
from schema_svc.core.parts import Part
from schema_svc.core.problems import Problem

_ROUNDS = 4
_MESSAGES = {
    "list_type": "this is not a list",
    "dict_type": "this is not an object",
    "model_type": "this is not an object",
}
_HINTS = {
    "string_type": "put it in quotes",
    "list_type": "write a list, such as [a, b]",
    "dict_type": "write an object, such as {key: value}",
    "model_type": "write an object, such as {key: value}",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_from_float": "write a whole number",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "missing": "it has no default",
}
Model = TypeVar("Model", bound=Part)


def validated(model: type[Model], data: Any) -> tuple[Model | None, list[Problem]]:
    """Read `data` as `model`; with problems, what is left of it without them, or None where nothing sensible is."""
    problems: list[Problem] = []
    try:
        for _ in range(_ROUNDS):
            try:
                return model.model_validate(data), problems
            except ValidationError as error:
                errors = error.errors(include_url=False)
            if not problems:
                problems, data = [_problem(model, detail) for detail in errors], copy.deepcopy(data)
            pruned = [_prune(data, detail["loc"]) for detail in errors]
            if not all(pruned):
                break
    except RecursionError:
        raise TooComplex("the document nests too deep", hint="write it flatter") from None
    return None, problems


def _prune(data: Any, place: Sequence[int | str]) -> bool:
    """Take out what an error is about: the value itself, or what should have held it."""
    while place:
        holder = data
        for step in place[:-1]:
            try:
                holder = holder[step]
            except (KeyError, IndexError, TypeError):
                holder = None
        if isinstance(holder, dict) and place[-1] in holder:
            del holder[place[-1]]
            return True
        place = place[:-1]
    return False


def _problem(model: type[Part], detail: ErrorDetails) -> Problem:
    place = detail["loc"]
    path, given = path_text(place), detail["input"]
    kind: type[InvalidExperiment] = UnknownDialect if path == "dialect" else InvalidExperiment
    if detail["type"] == "extra_forbidden":
        known = keys_at(model, place[:-1])
        return Problem(path, f"there is no key {str(place[-1])!r} here", did_you_mean(str(place[-1]), known))
    if detail["type"] == "enum":
        names = [name.strip("' ") for part in str(detail["ctx"]["expected"]).split(" or ") for name in part.split(",")]
        known = [name.lower() for name in names if not name.endswith("_UNSPECIFIED")]
        metadata = (("dialect", str(given)[:80]),) if kind is UnknownDialect else ()
        return Problem(
            path, f"{str(given)[:80]!r} is none of {', '.join(known)}", _nearest(given, known), kind, metadata
        )
    message = _MESSAGES.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    return Problem(path, message[:1].lower() + message[1:], _HINTS.get(detail["type"], ""))


def _nearest(given: object, known: list[str]) -> str:
    hint = did_you_mean(str(given), known)
    return hint if hint.startswith("did you mean") else "use one of them"
