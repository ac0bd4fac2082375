"""What an import says about a text: one status per statement, diagnostics with places."""

from dataclasses import dataclass

from schema_svc.core.vocabulary import Outcome, Severity


@dataclass(frozen=True)
class Diagnostic:
    """One thing worth saying about a text."""

    severity: Severity
    code: str
    message: str
    hint: str = ""
    line: int = 0
    column: int = 0
    path: str = ""


@dataclass(frozen=True)
class StatementStatus:
    """What became of one statement."""

    index: int
    line: int
    column: int
    kind: str
    outcome: Outcome
    table: str = ""
    note: str = ""
