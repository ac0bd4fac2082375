"""Broken rules of a document: collected first, then raised all at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from dwsim_wire.fault import FieldProblem
from schema_svc.core.faults import InvalidExperiment


@dataclass(frozen=True)
class Problem:
    """One broken rule."""

    path: str
    message: str
    hint: str = ""
    kind: type[InvalidExperiment] = InvalidExperiment
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """Message and hint in one line."""
        return f"{self.message}: {self.hint}" if self.hint else self.message


def fault_of(problems: Iterable[Problem]) -> InvalidExperiment:
    """One fault for all problems; of their own class where they are of one kind."""
    found = list(problems)
    kinds = {problem.kind for problem in found}
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    fault = kinds.pop() if len(kinds) == 1 else InvalidExperiment
    return fault(
        f"{first.path}: {first.message}{more}" if first.path else f"{first.message}{more}",
        hint=first.hint,
        metadata=dict(first.metadata) if len(found) == 1 or fault is not InvalidExperiment else {},
        fields=[FieldProblem(problem.path, problem.shown) for problem in found],
    )
