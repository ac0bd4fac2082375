"""What can go wrong, by kind; `reason` is what programs switch on, `hint` says what would be right.

DwsimError
├── NotFound           no such experiment, table, column, run, load or query
├── InvalidInput       SQL, DDL or a value that cannot be read; `where` says at which place
├── Conflict           the name is taken, or the thing is in another state
├── Refused            a write, or SQL without a faithful form on the stand-in
├── LimitExceeded      more rows, bytes or queries than allowed
├── TimedOut           a statement or a wait took longer than allowed
├── Unavailable        nobody answers, or a warehouse is down
├── OperationFailed    a run, a load or a query ended badly after it had begun
├── AlreadyRead        the rows of a streamed result were taken before
├── MissingLibrary     an optional library is not installed
└── StackFailed        the embedded stack could not be started
"""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Fault, FieldProblem, InvalidArgument, NotYetAvailable
from dwsim_wire.fault import Unavailable as PeerUnavailable

_PLACE = re.compile(r"line (\d+), column (\d+)")


class DwsimError(Exception):
    """Something went wrong; the classes say what kind of thing."""

    default_reason: ClassVar[str] = "INTERNAL"

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        hint: str = "",
        code: str = "",
        metadata: Mapping[str, str] | None = None,
        fields: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        """Reason code, such as `UNKNOWN_TABLE`."""
        self.hint = hint
        self.code = code
        """Name of the gRPC status; empty for what the client itself found."""
        self.metadata = dict(metadata or {})
        self.fields = tuple(fields)
        """Broken fields of a document, by path."""

    @property
    def line(self) -> int | None:
        """Line of the SQL, from 1, where the error has a place."""
        return self._place[0]

    @property
    def column(self) -> int | None:
        """Column of the SQL, from 1, where the error has a place."""
        return self._place[1]

    @property
    def _place(self) -> tuple[int | None, int | None]:
        told = self.metadata.get("line", ""), self.metadata.get("column", "")
        written = _PLACE.search(self.message)
        line, column = told if told[0].isdecimal() else written.groups() if written else ("", "")
        return _number(line), _number(column)

    @property
    def where(self) -> str:
        """Place of the error in what was sent; empty where it has none."""
        if self.line:
            return f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return ", ".join(field.path for field in self.fields if field.path)

    @property
    def excerpt(self) -> str:
        """The line of the SQL that the error is about, with a caret below the place; empty where it has none."""
        return self.metadata.get("excerpt", "")

    def __str__(self) -> str:
        place = f" ({self.where})" if self.line and f"line {self.line}" not in self.message else ""
        broken = "".join(f"\n  {path}: {text}" if path else f"\n  {text}" for path, text in self.fields)
        shown = f"\n{self.excerpt}" if self.excerpt else ""
        return f"{self.message}{place} [{self.reason}]{shown}{broken}" + (f"\nhint: {self.hint}" if self.hint else "")


class NotFound(DwsimError):
    """There is no such experiment, table, column, run, load or query."""

    default_reason = "NOT_FOUND"


class InvalidInput(DwsimError):
    """SQL, DDL or a value that cannot be read."""

    default_reason = "INVALID_ARGUMENT"


class Conflict(DwsimError):
    """The name is taken, or the thing is in another state."""


class Refused(DwsimError):
    """A write, or SQL without a faithful form on the stand-in."""


class LimitExceeded(DwsimError):
    """More rows, bytes or queries than allowed."""


class TimedOut(DwsimError):
    """A statement or a wait took longer than allowed."""

    default_reason = "TIMED_OUT"


class Unavailable(DwsimError):
    """Nobody answers, or a warehouse is down."""

    default_reason = "UNAVAILABLE"


class OperationFailed(DwsimError):
    """A run, a load or a query ended badly after it had begun."""

    default_reason = "OPERATION_FAILED"


class AlreadyRead(DwsimError):
    """The rows of a streamed result were taken before."""

    default_reason = "ALREADY_READ"


class MissingLibrary(DwsimError):
    """An optional library is not installed."""

    default_reason = "MISSING_LIBRARY"


class StackFailed(DwsimError):
    """The embedded stack could not be started."""

    default_reason = "STACK_FAILED"


_BY_CODE: Mapping[str, type[DwsimError]] = {
    "NOT_FOUND": NotFound,
    "INVALID_ARGUMENT": InvalidInput,
    "OUT_OF_RANGE": InvalidInput,
    "ALREADY_EXISTS": Conflict,
    "FAILED_PRECONDITION": Conflict,
    "ABORTED": Conflict,
    "PERMISSION_DENIED": Refused,
    "UNIMPLEMENTED": Refused,
    "RESOURCE_EXHAUSTED": LimitExceeded,
    "DEADLINE_EXCEEDED": TimedOut,
    "UNAVAILABLE": Unavailable,
}
_BY_FAULT: Mapping[type[Fault], type[DwsimError]] = {
    PeerUnavailable: Unavailable,
    InvalidArgument: InvalidInput,
    NotYetAvailable: Refused,
}


def from_fault(fault: Fault) -> DwsimError:
    """Turn what a service answered, or what kept it from answering, into an exception of the client."""
    code = fault.code.name if isinstance(fault, RemoteFault) else ""
    kind = _BY_CODE.get(code) or next((to for cls, to in _BY_FAULT.items() if isinstance(fault, cls)), DwsimError)
    return kind(
        fault.message,
        reason=fault.reason,
        hint=fault.hint,
        code=code,
        metadata=fault.metadata,
        fields=fault.fields,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
