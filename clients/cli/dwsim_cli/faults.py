"""What the command line itself finds wrong, and the exit code of every fault.

Fault
├── OperationFailed   long work ended FAILED or ABORTED
├── InvalidInput      a value that the user typed cannot be read
├── UnknownRpc        the contract has no such service or method
├── LocalFailure      this machine refuses: a file, a directory, a process
├── NotOurDirectory   a directory without the mark of a data directory
├── NoStack           no stack runs on the data directory that was named
├── ProgramError      a mistake of our own
└── StackRuns         the data directory is in use
"""

import grpc

from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Fault, InvalidArgument, NotYetAvailable, Unavailable

OK, FAILED, USAGE, NOT_FOUND, INVALID, CONFLICT, UNAVAILABLE, NOT_YET = range(8)
INTERRUPTED = 130
DEBUG = "DW_SIMULATOR_DEBUG"
"""Environment variable: where it is set, an unexpected error shows its traceback."""

EXIT_CODES = """Exit codes: 0 done · 1 the operation failed · 2 wrong usage · 3 not found · 4 invalid input ·
5 conflict or precondition · 6 unavailable · 7 not yet available · 130 interrupted"""


class OperationFailed(Fault):
    """Long work ended FAILED or ABORTED; the reason is that of its failure."""

    def __init__(self, message: str, *, reason: str = "OPERATION_FAILED", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason  # type: ignore[misc]  # here the reason is a fact of the instance


class InvalidInput(InvalidArgument):
    """A value that the user typed cannot be read."""


class UnknownRpc(Fault):
    """The contract has no such service or method."""

    reason = "UNKNOWN_RPC"


class StackRuns(Fault):
    """The data directory is in use by a running stack."""

    reason = "STACK_RUNNING"


class LocalFailure(Fault):
    """This machine refuses: a file, a directory, a process."""

    reason = "LOCAL_FAILURE"


class NotOurDirectory(Fault):
    """A directory without the mark of a data directory."""

    reason = "NOT_OUR_DIRECTORY"


class NoStack(Unavailable):
    """No stack runs on the data directory that was named."""


class ProgramError(Fault):
    """A mistake of our own."""

    reason = "PROGRAM_ERROR"


_BY_STATUS = {
    grpc.StatusCode.NOT_FOUND: NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT: INVALID,
    grpc.StatusCode.OUT_OF_RANGE: INVALID,
    grpc.StatusCode.PERMISSION_DENIED: INVALID,
    grpc.StatusCode.ALREADY_EXISTS: CONFLICT,
    grpc.StatusCode.FAILED_PRECONDITION: CONFLICT,
    grpc.StatusCode.ABORTED: CONFLICT,
    grpc.StatusCode.UNAVAILABLE: UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: UNAVAILABLE,
}
_BY_REASON = {
    "NOT_YET_AVAILABLE": NOT_YET,
    "NOT_TRANSLATABLE": INVALID,
    "STATEMENT_TIMEOUT": FAILED,
    "TOO_MANY_QUERIES": UNAVAILABLE,
    "UNKNOWN_RPC": NOT_FOUND,
    "STACK_RUNNING": CONFLICT,
    "NOT_OUR_DIRECTORY": CONFLICT,
    "DATA_DIRECTORY_NEWER": CONFLICT,
    "DATA_DIRECTORY_CORRUPT": CONFLICT,
    "ALREADY_RUNNING": CONFLICT,
    "PORT_TAKEN": CONFLICT,
}


def exit_code(fault: Fault) -> int:
    """Exit code of a command that ended with `fault`."""
    if isinstance(fault, OperationFailed):
        return FAILED
    if fault.reason in _BY_REASON:
        return _BY_REASON[fault.reason]
    if isinstance(fault, RemoteFault):
        return _BY_STATUS.get(fault.code, FAILED)
    by_class = {NotYetAvailable: NOT_YET, Unavailable: UNAVAILABLE, InvalidArgument: INVALID}
    return next((code for cls, code in by_class.items() if isinstance(fault, cls)), FAILED)


def unexpected(error: Exception) -> Fault:
    """Words for an error that no command foresaw."""
    again = f"`{DEBUG}=1` shows where"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return LocalFailure(f"{where}{error.strerror or error}", hint=again)
    return ProgramError(f"unexpected {type(error).__name__}: {error}", hint=f"please report it; {again}")
