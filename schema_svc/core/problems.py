"""Broken rules of a document: collected first, then raised all at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from dwsim_wire.fault import FieldProblem
from schema_svc.core.faults import InvalidExperiment
from schema_svc.core.report import Diagnostic
from schema_svc.core.vocabulary import Severity


@dataclass(frozen=True)
class Problem:
    """One broken rule; line and column where it is known where the text has it."""

    path: str
    message: str
    hint: str = ""
    kind: type[InvalidExperiment] = InvalidExperiment
    metadata: tuple[tuple[str, str], ...] = ()
    line: int = 0
    column: int = 0

    @property
    def shown(self) -> str:
        """Message, hint and place in one line."""
        place = f" (line {self.line}, column {self.column})" if self.line else ""
        return (f"{self.message}: {self.hint}" if self.hint else self.message) + place

    @property
    def diagnostic(self) -> Diagnostic:
        """The problem as an error of a report."""
        return Diagnostic(
            Severity.ERROR, self.kind.reason, self.message, self.hint, self.line, self.column, path=self.path
        )


def fault_of(problems: Iterable[Problem]) -> InvalidExperiment:
    """One fault for all problems; of their own class where they are of one kind."""
    found = list(problems)
    kinds = {problem.kind for problem in found}
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    fault = kinds.pop() if len(kinds) == 1 else InvalidExperiment
    place = {"line": str(first.line), "column": str(first.column)} if first.line else {}
    metadata = dict(first.metadata) if len(found) == 1 or fault is not InvalidExperiment else {}
    return fault(
        f"{first.path}: {first.message}{more}" if first.path else f"{first.message}{more}",
        hint=first.hint,
        metadata=place | metadata,
        fields=[FieldProblem(problem.path, problem.shown) for problem in found],
    )
