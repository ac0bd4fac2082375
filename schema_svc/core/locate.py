"""Where in the document a value is, and which keys its place has."""

import types
from collections.abc import Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


def path_text(place: Sequence[int | str]) -> str:
    """Write a place as `tables[1].columns[2].name`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def keys_at(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """Keys of the object that is at `place`."""
    here: Any = model
    for step in place:
        here = _within(_bare(here), step)
    here = _bare(here)
    return [field.alias or name for name, field in here.model_fields.items()] if _is_model(here) else []


def _within(annotation: Any, step: int | str) -> Any:
    """What is at one step into a model, a list or an object with keys of the user's."""
    if _is_model(annotation):
        fields = annotation.model_fields.items()
        return next((field.annotation for name, field in fields if step in {name, field.alias}), None)
    arguments = get_args(annotation)
    return arguments[-1] if get_origin(annotation) in {list, dict} else None


def _bare(annotation: Any) -> Any:
    """The annotation without `| None` and metadata."""
    while get_origin(annotation) in {Union, types.UnionType, Annotated}:
        arguments = get_args(annotation)
        is_annotated = get_origin(annotation) is Annotated
        annotation = arguments[0] if is_annotated else next(arg for arg in arguments if arg is not type(None))
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
