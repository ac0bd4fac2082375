"""Faults: facts that go wrong in the domain. Pure Python, so that every `core` may raise them.

Fault
├── InvalidArgument     a field has a value outside its domain
├── InvalidPageToken    a page token of another rpc or filter
├── NotYetAvailable     part of the contract, not served yet
└── Unavailable         a peer cannot be reached, or the service drains
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple


class FieldProblem(NamedTuple):
    """One broken field of a request or document, such as `tables[1].columns[2].data_type`."""

    path: str
    message: str


class Fault(Exception):
    """A fact named by its class; the door gives it a status code, `reason` is what programs switch on."""

    reason: ClassVar[str] = "INTERNAL"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        metadata: Mapping[str, str] | None = None,
        fields: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.metadata = dict(metadata or {})
        self.fields = tuple(fields)


class InvalidArgument(Fault):
    """A field has a value outside its domain."""

    reason = "INVALID_ARGUMENT"


class InvalidPageToken(Fault):
    """The page token was not made by this rpc with these filters."""

    reason = "INVALID_PAGE_TOKEN"


class NotYetAvailable(Fault):
    """Part of the contract, not served yet."""

    reason = "NOT_YET_AVAILABLE"


class Unavailable(Fault):
    """A peer cannot be reached, or the service drains."""

    reason = "UNAVAILABLE"
