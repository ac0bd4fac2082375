"""Every rpc of the contract through every door: it reaches its service, under the caller's request id."""

import importlib
import json
import re
import uuid
from typing import Any

import grpc
import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from dwsim_wire.client import open_channel
from dwsim_wire.errors import from_rpc_error
from dwsim_wire.request_id import adopt
from tests.gateway.doors import Gateway
from tests.processes import Mesh, ServiceProcess, wait_for


def methods() -> list[MethodDescriptor]:
    modules = [importlib.import_module(f"dwsim.{name}.v1.{name}_service_pb2") for name in Mesh.SERVICES]
    return [m for module in modules for s in module.DESCRIPTOR.services_by_name.values() for m in s.methods]


every_rpc = pytest.mark.parametrize("method", methods(), ids=lambda m: m.full_name.removeprefix("dwsim."))


@pytest.fixture
def request_id() -> str:
    return str(uuid.uuid4())


def path_of(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def reasons(method: MethodDescriptor) -> list[str]:
    service = method.full_name.split(".")[1]
    return list(importlib.import_module(f"dwsim.{service}.v1.error_reason_pb2").ErrorReason.keys())


def assert_served(running: Mesh, method: MethodDescriptor, request_id: str) -> None:
    """The service's own log has the call under the id that the client sent."""
    log = running.processes[method.full_name.split(".")[1]].log

    def logged() -> bool:
        lines = [line for line in log.read_text().splitlines() if request_id in line and '"call"' in line]
        return any(json.loads(line)["method"] == path_of(method) for line in lines)

    wait_for(logged, f"{path_of(method)} in the log", 20)


@every_rpc
async def test_grpc(method: MethodDescriptor, gateway: Gateway, running: Mesh, request_id: str) -> None:
    """Clients with stubs."""
    adopt(request_id)
    fault = None
    async with open_channel(gateway.address) as channel:
        make: Any = channel.unary_stream if method.server_streaming else channel.unary_unary
        request = GetMessageClass(method.input_type)()
        rpc = make(path_of(method), type(request).SerializeToString, GetMessageClass(method.output_type).FromString)
        asked = rpc(request, timeout=30)
        try:
            await (asked.read() if method.server_streaming else asked)
        except grpc.aio.AioRpcError as error:
            fault = from_rpc_error(error)
        asked.cancel()
    assert fault is None or fault.reason in reasons(method)
    assert_served(running, method, request_id)


@every_rpc
def test_grpc_web(method: MethodDescriptor, gateway: Gateway, running: Mesh, request_id: str) -> None:
    """Web pages."""
    answer = gateway.web(path_of(method), GetMessageClass(method.input_type)(), x_request_id=request_id)
    if answer.message is not None:
        GetMessageClass(method.output_type).FromString(answer.message)
    elif answer.trailers["grpc-status"] != "0":
        assert answer.info.reason in reasons(method)
    assert_served(running, method, request_id)


@every_rpc
def test_rest(method: MethodDescriptor, gateway: Gateway, running: Mesh, request_id: str) -> None:
    """curl, by every path that the contract gives the rpc."""
    first = method.GetOptions().Extensions[annotations_pb2.http]
    for rule in (first, *first.additional_bindings):
        verb = rule.WhichOneof("pattern")
        assert verb is not None
        path = re.sub(r"\{(\w+)\}", lambda found: example(method, found[1]), getattr(rule, verb))
        answer = gateway.rest(verb.upper(), path, {} if rule.body else None, x_request_id=request_id)
        assert answer.headers["x-request-id"] == request_id
        if answer.status == 200:
            continue
        assert answer.reason in reasons(method)
        assert answer.json["message"]
        assert answer.headers["content-type"] == "application/json"
    assert_served(running, method, request_id)


def example(method: MethodDescriptor, field: str) -> str:
    number = method.input_type.fields_by_name[field].cpp_type == FieldDescriptor.CPPTYPE_INT32
    return "99999" if number else "nowhere"


def test_an_id_that_the_gateway_gives_reaches_the_service_too(
    gateway: Gateway, running: Mesh, shared: tuple[Gateway, ServiceProcess]
) -> None:
    """One id finds the call in every log: the client's answer, the gateway's, the service's."""
    answer = gateway.rest("GET", "/api/experiments/nowhere")
    given = answer.headers["x-request-id"]
    wait_for(lambda: given in running.processes["schema"].log.read_text(), "the id in the service's log", 10)
    line = wait_for(
        lambda: next((line for line in shared[1].log.read_text().splitlines() if given in line), ""), "the access log"
    )
    logged = json.loads(line)
    assert logged["request_id"] == given
    assert (logged["method"], logged["path"], logged["status"]) == ("GET", "/api/experiments/nowhere", 404)
    assert logged["rpc"] == "/dwsim.schema.v1.SchemaService/GetExperiment"
    assert logged["upstream"] == "schema"
