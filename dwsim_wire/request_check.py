"""What no request may have, whatever the rpc: enum numbers that the contract does not define, endless request ids.

Protobuf keeps unknown enum numbers without a word; a service that took them for its default would do something else
than it was asked.
"""

import asyncio
from collections.abc import Iterator
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from dwsim_wire.fault import FieldProblem, InvalidArgument

PACKAGE = "dwsim."
LONGEST_REQUEST_ID = 200
SMALL_BYTES = 1 << 16
MOST_PROBLEMS = 20


async def check_request(request: Any) -> None:
    """Refuse a request of the contract with values that it does not define; a large one without holding others up."""
    if not isinstance(request, Message) or not request.DESCRIPTOR.full_name.startswith(PACKAGE):
        return
    if request.ByteSize() <= SMALL_BYTES:
        refuse_undefined(request)
    else:
        await asyncio.to_thread(refuse_undefined, request)


def refuse_undefined(request: Message) -> None:
    """Refuse enum numbers that are not defined, at any depth, and a request id that is longer than any id."""
    problems = [problem for problem, _ in zip(_problems(request, ""), range(MOST_PROBLEMS), strict=False)]
    request_id = getattr(request, "request_id", "")
    if len(request_id) > LONGEST_REQUEST_ID:
        words = f"an id of {len(request_id)} characters; at most {LONGEST_REQUEST_ID} are taken"
        problems.append(FieldProblem("request_id", words))
    if problems:
        first = problems[0]
        raise InvalidArgument(
            f"{first.path}: {first.message}",
            metadata={"field": first.path},
            fields=problems,
            hint=_hint(request, first),
        )


def _problems(message: Message, path: str) -> Iterator[FieldProblem]:
    for field, value in message.ListFields():
        if not _may_have_enums(field):
            continue
        where = f"{path}{field.name}"
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            for key in value if field.message_type.fields_by_name["value"].message_type is not None else ():
                yield from _problems(value[key], f"{where}[{key!r}].")
        elif field.is_repeated:
            for place, item in enumerate(value):
                yield from _one(field, item, f"{where}[{place}]")
        else:
            yield from _one(field, value, where)


def _one(field: FieldDescriptor, value: Any, path: str) -> Iterator[FieldProblem]:
    if field.enum_type is None:
        yield from _problems(value, f"{path}.")
    elif value not in field.enum_type.values_by_number:
        yield FieldProblem(path, f"{_shown(field.enum_type)} has no value {value}")


def _shown(enum: EnumDescriptor) -> str:
    return enum.full_name.removeprefix(PACKAGE)


def _hint(request: Message, problem: FieldProblem) -> str:
    field = request.DESCRIPTOR.fields_by_name.get(problem.path.partition("[")[0])
    if field is None or field.enum_type is None:
        return ""
    return f"it is one of {', '.join(value.name for value in field.enum_type.values[1:])}"


@cache
def _may_have_enums(field: FieldDescriptor) -> bool:
    """Whether there can be an enum in or below a field."""
    if field.enum_type is not None:
        return True
    return field.message_type is not None and any(_has_enum(message) for message in _below(field.message_type))


def _has_enum(message: Descriptor) -> bool:
    return any(field.enum_type is not None for field in message.fields)


def _below(message: Descriptor) -> list[Descriptor]:
    """A message and all that it can hold."""
    found = {message.full_name: message}
    open_ends = [message]
    while open_ends:
        for field in open_ends.pop().fields:
            inner = field.message_type
            if inner is not None and inner.full_name not in found:
                found[inner.full_name] = inner
                open_ends.append(inner)
    return list(found.values())
