"""JSON and YAML texts -> plain data, with the places of its values.

YAML is read as version 1.2 has it: `no` and `off` are words, `08:30:00` is a time, `0123` keeps its zero, dates are
text. A number with a point keeps the text that it was written as. What is twice, deep or explosive is refused.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cached_property
from typing import Any, NoReturn

import yaml

from schema_svc.core.faults import EmptyDocument, InvalidDocument, TooComplex
from schema_svc.core.parts import WrittenFloat
from schema_svc.core.places import JsonPlaces, Path, Place, YamlPlaces, nearest

MOST_NODES = 2_000_000
DEEPEST = 100
_MOST_DIGITS = 40
"""Whole numbers with more digits stay text: no field takes them, and reading them takes time."""
_FASTEST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SAFE_DEPTH = 1000
"""Nesting that libyaml, which knows no limit, composes without harm."""
_BRACKET = re.compile(r"[\[\]{}]")
_INDENT = re.compile(r"^[ \t?:-]+", re.MULTILINE)


class SpecFormat(Enum):
    """Format of a text."""

    FROM_TEXT = "FORMAT_UNSPECIFIED"
    JSON = "JSON"
    YAML = "YAML"


class SpecText:
    """A text and what it says."""

    def __init__(self, text: str, spec_format: SpecFormat) -> None:
        text = text.removeprefix("\ufeff")
        if not text.strip():
            raise EmptyDocument("the document is empty", hint="write an object with name and tables")
        from_text = spec_format is SpecFormat.FROM_TEXT
        self._is_json = spec_format is SpecFormat.JSON or (from_text and text.lstrip().startswith("{"))
        self._text = text
        try:
            self._root = None if self._is_json else _compose(text)
            self.data: Any = _load_json(text) if self._is_json else _build(self._root, {})
            _measure(self.data)
        except RecursionError:
            raise _too_deep() from None
        except UnicodeEncodeError:
            raise InvalidDocument("the text has half of a surrogate pair", hint="write the character itself") from None

    def find(self, paths: Iterable[Path]) -> dict[Path, Place]:
        """Places of these values, as near as the text has them."""
        return nearest(self._places, list(paths))

    @cached_property
    def _places(self) -> JsonPlaces | YamlPlaces:
        return JsonPlaces(self._text) if self._is_json else YamlPlaces(self._root)


def unreadable(language: str, what: str, place: Place, hint: str = "") -> InvalidDocument:
    """The fault of a text that breaks the rules of its language."""
    return InvalidDocument(
        f"line {place.line}, column {place.column}: the {language} text cannot be read: {what}",
        hint=hint,
        metadata={"line": str(place.line), "column": str(place.column)},
    )


class _Twice(ValueError):
    """An object has a key twice."""


class _NotFinite(ValueError):
    """NaN or an infinity."""


def _load_json(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_distinct, parse_int=_whole, parse_float=WrittenFloat, parse_constant=_not_finite
        )
    except json.JSONDecodeError as error:
        raise unreadable("JSON", error.msg, Place(error.lineno, error.colno)) from None
    except _Twice:
        raise _located(text, twice=True) from None
    except _NotFinite:
        raise _located(text, twice=False) from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise _Twice
    return data


def _not_finite(_constant: str) -> NoReturn:
    raise _NotFinite


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


def _located(text: str, *, twice: bool) -> InvalidDocument:
    """Find the first key that is twice in one object, or the first number that is none."""
    places, seen = JsonPlaces(text), set()
    for spot in places.spots():
        if not twice and spot.text in {"NaN", "Infinity", "-Infinity"}:
            return unreadable("JSON", f"{spot.text} is no number", places.at(spot.offset), "leave the key out")
        if twice and spot.path in seen:
            what = f"key {spot.path[-1]!r} is twice in one object"
            return unreadable("JSON", what, places.at(spot.key_offset), "keep one of them")
        seen.add(spot.path)
    return InvalidDocument("a key is twice in one object", hint="keep one of them")


class _Loader(_FASTEST):  # type: ignore[valid-type, misc]  # the class is chosen where libyaml is not at hand
    """Tells what scalars are as YAML 1.2 does; it composes nodes, and constructs nothing."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own attribute


_TAG = "tag:yaml.org,2002:"
_SCALARS = (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", "-+0123456789."),
    ("merge", "<<", "<"),
)


def resolve_scalars(resolver: Any) -> None:
    """Let a class of PyYAML know which plain scalars are no texts."""
    for name, pattern, first in _SCALARS:
        resolver.add_implicit_resolver(_TAG + name, re.compile(rf"^(?:{pattern})$"), list(first))


resolve_scalars(_Loader)
_READERS: Mapping[str, Callable[[str], Any]] = {
    _TAG + "str": str,
    _TAG + "bool": lambda text: text.lower() == "true",
    _TAG + "null": lambda _text: None,
    _TAG + "int": _whole,
    _TAG + "float": WrittenFloat,
}


def _compose(text: str) -> yaml.Node | None:
    """Nodes of a text whose depth is known before anything is built of it."""
    try:
        if _deepest_possible(text) > _SAFE_DEPTH:
            _refuse_deep(text)
        node: yaml.Node | None = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        raise _yaml_fault(error, text) from None
    except (yaml.YAMLError, ValueError):
        raise InvalidDocument("the YAML text cannot be read", hint="remove control characters") from None
    return node


def _yaml_fault(error: yaml.MarkedYAMLError, text: str) -> InvalidDocument:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    lines = text.splitlines()
    at_tab = place.line <= len(lines) and "\t" in lines[place.line - 1][place.column - 1 : place.column]
    hint = "indent with blanks, not tabs" if at_tab else ""
    return unreadable("YAML", str(error.problem or error.context), place, hint)


def _deepest_possible(text: str) -> int:
    """A bound on the depth that is quick to know: two levels for each column of indentation, one for each bracket."""
    brackets = itertools.accumulate(1 if match[0] in "[{" else -1 for match in _BRACKET.finditer(text))
    return 2 * max((len(match[0]) for match in _INDENT.finditer(text)), default=0) + max(brackets, default=0)


def _refuse_deep(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _too_deep()


def _build(node: yaml.Node | None, built: dict[int, Any]) -> Any:
    """Plain data of a node; what an alias names is built once."""
    if node is None or id(node) in built:
        return built.get(id(node))
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
        items: list[Any] = []
        built[id(node)] = items
        items += [_build(item, built) for item in node.value]
        return items
    if not isinstance(node, yaml.MappingNode) or node.tag != _TAG + "map":
        raise _strange(node)
    data: dict[str, Any] = {}
    built[id(node)] = data
    own: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag == _TAG + "merge":
            _merge(data, _build(value, built), own, value)
            continue
        name = _key(key, own)
        own.add(name)
        data[name] = _build(value, built)
    return data


def _scalar(node: yaml.ScalarNode) -> Any:
    reader = _READERS.get(node.tag)
    if reader is None:
        raise _strange(node)
    try:
        return reader(node.value)
    except ValueError:
        raise _strange(node) from None


def _key(key: yaml.Node, own: set[str]) -> str:
    if not isinstance(key, yaml.ScalarNode):
        raise unreadable("YAML", "a key is a list or an object", _place(key), "a key is a text")
    name = str(key.value)
    if name in own:
        raise unreadable("YAML", f"key {name!r} is twice in one mapping", _place(key), "keep one of them")
    return name


def _merge(data: dict[str, Any], merged: Any, own: set[str], node: yaml.Node) -> None:
    """`<<`: what the mapping says itself goes before, earlier merged mappings before later ones."""
    for each in merged if isinstance(merged, list) else [merged]:
        if not isinstance(each, dict):
            raise unreadable("YAML", "<< merges what is no mapping", _place(node), "name a mapping by its alias")
        data.update({name: value for name, value in each.items() if name not in own and name not in data})


def _strange(node: yaml.Node) -> InvalidDocument:
    what = f"the tag {node.tag.removeprefix(_TAG)!r} is not read here"
    return unreadable("YAML", what, _place(node), "write plain YAML without tags")


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _measure(data: Any) -> None:
    """Refuse data that is deep, that aliases blow up, or that is no Unicode; shared parts count at every place."""
    sizes: dict[int, int] = {}
    if _size(data, 0, sizes) > MOST_NODES:
        raise _too_large()


def _size(data: Any, depth: int, sizes: dict[int, int]) -> int:
    if isinstance(data, str):
        data.encode()
    if not isinstance(data, dict | list):
        return 1
    if depth > DEEPEST:
        raise _too_deep()
    if (known := sizes.get(id(data))) is None:
        inner = [*data, *data.values()] if isinstance(data, dict) else data
        known = sizes[id(data)] = 1 + sum(_size(value, depth + 1, sizes) for value in inner)
    return known


def _too_large() -> TooComplex:
    return TooComplex(
        f"the document has more than {MOST_NODES} values",
        hint="split it into several experiments",
        metadata={"limit": str(MOST_NODES)},
    )


def _too_deep() -> TooComplex:
    return TooComplex(
        f"the document nests deeper than {DEEPEST} levels", hint="write it flatter", metadata={"limit": str(DEEPEST)}
    )
