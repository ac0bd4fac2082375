"""JSON texts, YAML texts and plain data -> checked experiments; all that is wrong is said at once, with paths."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from schema_svc.core.check import check
from schema_svc.core.faults import InvalidDocument
from schema_svc.core.model import Experiment
from schema_svc.core.normalise import normalise
from schema_svc.core.places import steps
from schema_svc.core.problems import Problem, fault_of
from schema_svc.core.short_form import ShortDocument, expand
from schema_svc.core.spec_text import SpecFormat, SpecText
from schema_svc.core.validated import validated

__all__ = ["SpecFormat", "checked_document", "import_spec", "read_document", "validate_document"]


def import_spec(text: str, spec_format: SpecFormat = SpecFormat.FROM_TEXT, name: str = "") -> Experiment:
    """Read, normalise and check a text of either form; `name` replaces the document's."""
    spec = SpecText(text, spec_format)
    if not isinstance(spec.data, dict):
        raise InvalidDocument("the document is not an object", hint="begin with name: and tables:")
    data = {key: value for key, value in spec.data.items() if key != "$schema"} | ({"name": name} if name else {})
    if problems := _version_problem(data):
        raise fault_of(_placed(problems, spec))
    experiment, problems = _short(data) if "schema" in data else validate_document(data)
    if problems or experiment is None:
        raise fault_of(_placed(problems, spec))
    return experiment


def read_document(data: dict[str, Any]) -> Experiment:
    """Read plain data as a document; what spans its pieces is not checked here."""
    experiment, problems = validated(Experiment, data)
    if problems or experiment is None:
        raise fault_of(problems)
    return experiment


def checked_document(data: dict[str, Any]) -> Experiment:
    """Read, normalise and check plain data; raises with every broken rule."""
    experiment, problems = validate_document(data)
    if problems or experiment is None:
        raise fault_of(problems)
    return experiment


def validate_document(data: dict[str, Any]) -> tuple[Experiment | None, list[Problem]]:
    """Read, normalise and check plain data; answers every broken rule."""
    experiment, problems = validated(Experiment, data)
    return experiment, problems + _checked(experiment, problems, lambda path: path)


def _short(data: dict[str, Any]) -> tuple[Experiment | None, list[Problem]]:
    short, problems = validated(ShortDocument, data)
    if short is None:
        return None, problems
    whole, origins, strange = expand(short)
    problems += strange
    experiment, found = validated(Experiment, whole)
    problems += [replace(problem, path=origins.path(problem.path)) for problem in found]
    return experiment, problems + _checked(experiment, problems, origins.path)


def _checked(experiment: Experiment | None, known: list[Problem], name: Callable[[str], str]) -> list[Problem]:
    """Problems of the whole document that are not about a place that has one already."""
    if experiment is None:
        return []
    found = [replace(problem, path=name(problem.path)) for problem in normalise(experiment) + check(experiment)]
    told = {problem.path for problem in known}
    return [problem for problem in found if not any(_about(problem.path, path) for path in told)]


def _about(path: str, told: str) -> bool:
    return path == told or (path.startswith(told) and path[len(told)] in ".[")


def _version_problem(data: dict[str, Any]) -> list[Problem]:
    if "schema" in data and "tables" in data:
        return [Problem("schema", "a document has schema: or tables:, not both", "keep one of them")]
    return []


def _placed(problems: Iterable[Problem], spec: SpecText) -> list[Problem]:
    """Add line and column to problems that have none."""
    problems = list(problems)
    places = spec.find(steps(problem.path) for problem in problems)
    placed = []
    for problem in problems:
        place = places.get(steps(problem.path))
        placed.append(replace(problem, line=place.line, column=place.column) if place and not problem.line else problem)
    return placed
