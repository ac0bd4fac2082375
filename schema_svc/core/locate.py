"""Where in the document a value is, and which keys its place has."""

import types
from collections.abc import Sequence
from typing import Any, Union, get_args, get_origin

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
        if isinstance(step, int) or not _is_model(here):
            continue
        here = _inner(next((f.annotation for n, f in here.model_fields.items() if step in {n, f.alias}), None))
    return [field.alias or name for name, field in here.model_fields.items()] if _is_model(here) else []


def _inner(annotation: Any) -> Any:
    """The model inside optional and list annotations."""
    while get_origin(annotation) in {list, dict, Union, types.UnionType}:
        annotation = next((arg for arg in reversed(get_args(annotation)) if arg is not type(None)), None)
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
