"""JSON texts, YAML texts and plain data -> the document's models; all that is wrong is said at once, with paths."""

import json
from enum import Enum
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schema_svc.core.check import prepare
from schema_svc.core.faults import EmptyDocument, InvalidDocument, InvalidExperiment, TooComplex, UnknownDialect
from schema_svc.core.locate import keys_at, path_text
from schema_svc.core.model import Experiment
from schema_svc.core.names import did_you_mean
from schema_svc.core.problems import Problem, fault_of

MOST_NODES = 2_000_000
DEEPEST = 100


class SpecFormat(Enum):
    """Format of a text."""

    FROM_TEXT = "FORMAT_UNSPECIFIED"
    JSON = "JSON"
    YAML = "YAML"


def import_spec(text: str, spec_format: SpecFormat = SpecFormat.FROM_TEXT, name: str = "") -> Experiment:
    """Read, normalise and check a text; `name` replaces the document's."""
    data = _load(text, spec_format)
    if not isinstance(data, dict):
        raise InvalidDocument("the document is not an object", hint="begin with name: and tables:")
    return prepare(read_document(data | ({"name": name} if name else {})))


def read_document(data: dict[str, Any]) -> Experiment:
    """Read plain data as a document; what spans its pieces is not checked here."""
    try:
        return Experiment.model_validate(data)
    except ValidationError as error:
        raise fault_of([_problem(detail) for detail in error.errors()]) from None
    except RecursionError:
        raise _too_deep() from None


def _problem(detail: ErrorDetails) -> Problem:
    place = detail["loc"]
    path, given = path_text(place), detail["input"]
    kind: type[InvalidExperiment] = UnknownDialect if path == "dialect" else InvalidExperiment
    if detail["type"] == "extra_forbidden":
        known = keys_at(Experiment, place[:-1])
        return Problem(path, f"there is no key {str(place[-1])!r} here", did_you_mean(str(place[-1]), known))
    if detail["type"] == "enum":
        names = [name.strip("' ") for part in str(detail["ctx"]["expected"]).split(" or ") for name in part.split(",")]
        known = [name.lower() for name in names if not name.endswith("_UNSPECIFIED")]
        metadata = (("dialect", str(given)[:80]),) if kind is UnknownDialect else ()
        return Problem(
            path, f"{str(given)[:80]!r} is none of {', '.join(known)}", _nearest(given, known), kind, metadata
        )
    message = detail["msg"].removeprefix("Value error, ")
    return Problem(path, message[:1].lower() + message[1:])


def _nearest(given: object, known: list[str]) -> str:
    hint = did_you_mean(str(given), known)
    return hint if hint.startswith("did you mean") else "use one of them"


def _load(text: str, spec_format: SpecFormat) -> Any:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise EmptyDocument("the document is empty", hint="write an object with name and tables")
    as_json = spec_format is SpecFormat.JSON or (spec_format is SpecFormat.FROM_TEXT and text.lstrip().startswith("{"))
    try:
        data = _load_json(text) if as_json else _load_yaml(text)
        _measure(data)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeEncodeError:
        raise InvalidDocument("the text has half of a surrogate pair", hint="write the character itself") from None
    return data


def _load_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_distinct)
    except json.JSONDecodeError as error:
        raise _unreadable("JSON", error.msg, error.lineno, error.colno) from None
    except ValueError as error:
        raise InvalidDocument(f"the JSON text cannot be read: {error}") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidDocument(f"key {twice!r} is twice in one object", hint="keep one of them")
    return data


class _TextualLoader(yaml.SafeLoader):
    """Reads dates as the text that they are written as; a key that is twice in one mapping is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen:
                mark = key.start_mark
                raise _unreadable("YAML", f"key {key.value!r} is twice in one mapping", mark.line + 1, mark.column + 1)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_TextualLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _load_yaml(text: str) -> Any:
    try:
        return yaml.load(text, _TextualLoader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _unreadable("YAML", str(error.problem or error.context), line, column) from None
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):  # the last three of explicit tags
        raise InvalidDocument("the YAML text cannot be read", hint="write plain YAML without tags") from None


def _unreadable(language: str, what: str, line: int, column: int) -> InvalidDocument:
    return InvalidDocument(
        f"line {line}, column {column}: the {language} text cannot be read: {what}",
        metadata={"line": str(line), "column": str(column)},
    )


def _measure(data: Any) -> None:
    """Refuse data that is deep, that aliases blow up, or that is no Unicode; shared parts count at every place."""
    sizes: dict[int, int] = {}
    if _size(data, 0, sizes) > MOST_NODES:
        raise TooComplex(
            f"the document has more than {MOST_NODES} values",
            hint="split it into several experiments",
            metadata={"limit": str(MOST_NODES)},
        )


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


def _too_deep() -> TooComplex:
    return TooComplex(
        f"the document nests deeper than {DEEPEST} levels",
        hint="write it flatter",
        metadata={"limit": str(DEEPEST)},
    )
