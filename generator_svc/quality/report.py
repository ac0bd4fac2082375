"""The quality report: one result per promise, per table, in all."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class CheckKind(StrEnum):
    """What is checked, named as `dwsim.generator.v1.QualityCheck.Kind` names it."""

    ROW_COUNT = "ROW_COUNT"
    UNIQUE = "UNIQUE"
    NOT_NULL = "NOT_NULL"
    NULL_FRACTION = "NULL_FRACTION"
    REFERENCE = "REFERENCE"
    RANGE = "RANGE"
    LENGTH = "LENGTH"
    PATTERN = "PATTERN"
    FAN_OUT = "FAN_OUT"
    DISTRIBUTION = "DISTRIBUTION"
    CORRELATION = "CORRELATION"
    EXPRESSION = "EXPRESSION"
    DOMAIN = "DOMAIN"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One checked promise. `p_value` is of a statistical check; `skipped` says why a check says nothing."""

    kind: CheckKind
    columns: tuple[str, ...]
    expected: str
    found: str
    passed: bool
    checked: int = 0
    violations: int = 0
    samples: tuple[str, ...] = ()
    p_value: float | None = None
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class TableReport:
    """Results of one table."""

    table: str
    rows: int
    expected_rows: int
    checks: tuple[CheckResult, ...]

    @property
    def error_rate(self) -> float:
        """Violating cells by checked cells."""
        return _rate(self.checks)

    def columns(self) -> Iterator[tuple[str, int, float]]:
        """Each checked column with its violations and error rate."""
        names = dict.fromkeys(name for check in self.checks for name in check.columns)
        for name in names:
            own = tuple(check for check in self.checks if name in check.columns)
            yield name, sum(check.violations for check in own), _rate(own)


@dataclass(frozen=True, slots=True)
class Report:
    """All tables of a run."""

    tables: tuple[TableReport, ...]

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """Results of all tables."""
        return tuple(check for table in self.tables for check in table.checks)

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed for check in self.checks)

    @property
    def error_rate(self) -> float:
        """Violating cells by checked cells."""
        return _rate(self.checks)


def _rate(checks: tuple[CheckResult, ...]) -> float:
    checked = sum(check.checked for check in checks)
    return sum(check.violations for check in checks) / checked if checked else 0.0
