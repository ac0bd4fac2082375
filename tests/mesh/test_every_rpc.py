"""Every rpc of the contract, found by its descriptor, asked nonsense: an answer or an error of the contract."""

import importlib
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dwsim_wire.client import open_channel
from dwsim_wire.errors import RemoteFault, from_rpc_error
from tests.processes import Mesh

SERVICES = ["schema", "generator", "loader", "query"]
HOSTILE_TEXT = ["", "'; DROP TABLE runs; --", "../../etc/passwd", "nul\0", "x" * 10_000, "💥é\u202e", "%s{0}$\\"]
TURNS = len(HOSTILE_TEXT)
HOSTILE_NUMBERS = [0, -1, 2**31 - 1, -(2**31)]


def methods() -> list[MethodDescriptor]:
    found: list[MethodDescriptor] = []
    for service in SERVICES:
        module = importlib.import_module(f"dwsim.{service}.v1.{service}_service_pb2")
        found += module.DESCRIPTOR.services_by_name[f"{service.capitalize()}Service"].methods
    return found


def fill(message: Message, turn: int, depth: int = 0) -> Message:
    """Put a hostile value into every field."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type and (depth > 2 or field.message_type.GetOptions().map_entry):
            continue
        if field.message_type and field.is_repeated:
            fill(getattr(message, field.name).add(), turn, depth + 1)
        elif field.message_type:
            fill(getattr(message, field.name), turn, depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).append(hostile(field, turn))
        elif field.name not in {"wait", "follow"}:
            setattr(message, field.name, hostile(field, turn))
    return message


def hostile(field: Any, turn: int) -> object:
    number = HOSTILE_NUMBERS[turn % len(HOSTILE_NUMBERS)]
    text = HOSTILE_TEXT[turn % len(HOSTILE_TEXT)]
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        case FieldDescriptor.CPPTYPE_BOOL:
            return False
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return [float("nan"), float("-inf"), 1e308, -0.0][turn % 4]
        case FieldDescriptor.CPPTYPE_ENUM:
            return [0, 1, 99, -5][turn % 4]
        case FieldDescriptor.CPPTYPE_UINT32 | FieldDescriptor.CPPTYPE_UINT64:
            return abs(number)
        case _:
            return number


async def ask(channel: grpc.aio.Channel, method: MethodDescriptor, request: Message) -> RemoteFault | None:
    """Send one request; answers the error, if any. A stream that goes on is left."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    make: Any = channel.unary_stream if method.server_streaming else channel.unary_unary
    rpc = make(path, type(request).SerializeToString, GetMessageClass(method.output_type).FromString)
    try:
        if method.server_streaming:
            async for _ in rpc(request, timeout=60):
                break
        else:
            await rpc(request, timeout=60)
    except grpc.aio.AioRpcError as error:
        fault = from_rpc_error(error)
        assert isinstance(fault, RemoteFault), fault
        return fault
    return None


@pytest.mark.parametrize("method", methods(), ids=lambda m: m.full_name.removeprefix("dwsim."))
async def test_nonsense_gets_an_answer_or_an_error_of_the_contract(method: MethodDescriptor, running: Mesh) -> None:
    """INTERNAL, UNKNOWN or a bare UNIMPLEMENTED would be a defect of ours."""
    service = method.containing_service.full_name.split(".")[1]
    reasons = importlib.import_module(f"dwsim.{service}.v1.error_reason_pb2").ErrorReason.keys()
    empty = GetMessageClass(method.input_type)
    async with open_channel(running.address(service)) as channel:
        for turn, request in enumerate([empty(), *(fill(empty(), turn) for turn in range(TURNS))], start=-1):
            fault = await ask(channel, method, request)
            if fault is not None:
                told = f"turn {turn}: {fault.code} {fault.reason}: {fault.message}"
                assert fault.reason in reasons, told
                assert fault.reason != "INTERNAL", told
                unserved = fault.reason in {"NOT_YET_AVAILABLE", "NOT_TRANSLATABLE"}
                assert (fault.code is grpc.StatusCode.UNIMPLEMENTED) == unserved, told
                assert len(fault.message) < 2_000, "an error must not echo what it was sent"
