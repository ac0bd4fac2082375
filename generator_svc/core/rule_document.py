"""Rules as the experiment document writes them -> rules as the cell engine takes them.

A rule's document is proto JSON: one member, named as in `dwsim/schema/v1/rule.proto`, whose fields are those of the
rule's dataclass. Read by the dataclasses' own annotations, so a field added to both ends needs no code here.
"""

import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from dwsim_wire.fault import InvalidArgument
from generator_svc.core import rules
from generator_svc.core.rules import Rule

_HINTS: dict[type, dict[str, Any]] = {}


def rule_name(rule: type) -> str:
    """Name of a rule in documents: `weighted_choice` for WeightedChoiceRule."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", rule.__name__.removesuffix("Rule")).lower()


RULES: Mapping[str, type] = {rule_name(rule): rule for rule in get_args(Rule)}


def read_rule(document: Mapping[str, Any]) -> Rule | None:
    """Read a rule; None where the document names none."""
    for name, facts in document.items():
        if name not in RULES:
            raise InvalidArgument(f"no rule is called {name!r}", hint=f"rules are {', '.join(sorted(RULES))}")
        rule: Rule = read_dataclass(RULES[name], facts)
        return rule
    return None


def read_dataclass(cls: type, facts: Mapping[str, Any]) -> Any:
    """Make a `cls` of the members that `facts` has; the others take the dataclass's defaults."""
    hints = _HINTS.setdefault(cls, get_type_hints(cls, vars(rules)))
    return cls(**{f.name: _field(hints[f.name], f, facts) for f in fields(cls) if _given(f, facts)})


def _given(field: "Field[Any]", facts: Mapping[str, Any]) -> bool:
    """Whether a field is to be read; an enum's zero (`…_UNSPECIFIED`) stands for the default."""
    value = facts.get(field.name)
    unspecified = isinstance(value, str) and value.endswith("_UNSPECIFIED")
    required = field.default is MISSING and field.default_factory is MISSING
    return required or (value is not None and not unspecified)


def _field(hint: Any, field: "Field[Any]", facts: Mapping[str, Any]) -> Any:
    if field.name not in facts:
        return () if get_origin(hint) is tuple else hint()
    return _value(hint, facts[field.name])


def _value(hint: Any, value: Any) -> Any:
    """Turn a JSON value into what the annotation `hint` says."""
    if hint == Rule or hint == Rule | None:
        return read_rule(value)
    origin = get_origin(hint)
    if origin is tuple:
        return tuple(_value(get_args(hint)[0], item) for item in value)
    if origin in (Union, types.UnionType):
        return _value(next(kind for kind in get_args(hint) if kind is not type(None)), value)
    if origin is not None:
        return {str(key): str(item) for key, item in value.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return read_dataclass(hint, value)
    return hint(value.upper()) if issubclass(hint, StrEnum) else hint(value)
