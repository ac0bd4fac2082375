"""Fingerprints of requests: whether a request id came again with the same request, or with another one."""

import hashlib
from typing import TypeVar

from google.protobuf.message import Message

M = TypeVar("M", bound=Message)


def fingerprint(request: M, *left_out: str) -> str:
    """Hash of all that `request` asks for but its id and the fields `left_out`."""
    asked = type(request)()
    asked.CopyFrom(request)
    for field in ("request_id", *left_out):
        asked.ClearField(field)
    text = request.DESCRIPTOR.full_name.encode() + asked.SerializeToString(deterministic=True)
    return hashlib.sha256(text).hexdigest()
