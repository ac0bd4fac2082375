"""The request id: given by the first door a request comes through, carried by every call that follows from it."""

import contextvars
import uuid

HEADER = "x-request-id"
_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


def current_request_id() -> str:
    """Id of the request that this task works for; a new one where there is none."""
    return _request_id.get() or adopt("")


def adopt(request_id: str) -> str:
    """Work for `request_id` from now on, or for a new one where it is empty or not printable."""
    usable = request_id if request_id.isprintable() and len(request_id) <= 128 else ""
    _request_id.set(usable or uuid.uuid4().hex)
    return _request_id.get()
