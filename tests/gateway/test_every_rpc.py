"""Every rpc of the contract, found by its descriptor, through every door: gRPC, gRPC-web, REST and `dw-sim`.

Each door is asked what a client would ask (`requests`), and each must answer, or refuse for the same reason.
"""

import importlib
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import grpc
import pytest
from google.api import annotations_pb2, http_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from dwsim_cli.main import main
from tests.gateway.doors import Gateway
from tests.gateway.requests import REQUESTS, stock
from tests.processes import Mesh, ServiceProcess, wait_for

IDENTITY = "x-request-id"
Ask = Callable[[str], str]
"""Asks under a request id; answers the reason of the error, or nothing."""


def methods() -> list[MethodDescriptor]:
    modules = [importlib.import_module(f"dwsim.{name}.v1.{name}_service_pb2") for name in Mesh.SERVICES]
    return [m for module in modules for s in module.DESCRIPTOR.services_by_name.values() for m in s.methods]


def service_of(method: MethodDescriptor) -> str:
    return str(method.full_name.split(".")[1])


def key_of(method: MethodDescriptor) -> str:
    return f"{service_of(method)}.{method.name}"


def path_of(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def paths_of(method: MethodDescriptor) -> list[http_pb2.HttpRule]:
    first = method.GetOptions().Extensions[annotations_pb2.http]
    return [first, *first.additional_bindings]


@pytest.fixture(scope="session")
def stocked(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the requests name, made once."""
    return stock(gateway, tmp_path_factory.mktemp("inbox"))


@pytest.fixture(scope="session")
def channel(gateway: Gateway) -> Iterator[grpc.Channel]:
    """A channel of grpc's own, as a client in any language has one."""
    with grpc.insecure_channel(gateway.address) as opened:
        yield opened


def by_grpc(method: MethodDescriptor, channel: grpc.Channel, request: Message, identity: str) -> str:
    """Clients with stubs."""
    make: Any = channel.unary_stream if method.server_streaming else channel.unary_unary
    answer_class = GetMessageClass(method.output_type)
    rpc = make(path_of(method), type(request).SerializeToString, answer_class.FromString)
    try:
        answer = rpc(request, timeout=60, metadata=[(IDENTITY, identity)])
        assert list(answer) if method.server_streaming else isinstance(answer, answer_class)
    except grpc.RpcError as error:
        return _reason(error)
    return ""


def _reason(error: Any) -> str:
    status = rpc_status.from_call(error)
    assert status is not None, error
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in status.details), status
    return str(info.reason)


def by_web(method: MethodDescriptor, gateway: Gateway, request: Message, identity: str) -> str:
    """Web pages."""
    answer = gateway.web(path_of(method), request, x_request_id=identity)
    if answer.message is None:
        return str(answer.info.reason)
    GetMessageClass(method.output_type).FromString(answer.message)
    return ""


def by_rest(rule: http_pb2.HttpRule, gateway: Gateway, request: dict[str, Any], identity: str) -> str:
    """The documented path: what is in it, then the body, then the query string."""
    verb = rule.WhichOneof("pattern")
    assert verb is not None
    path = re.sub(r"\{(\w+)\}", lambda found: str(request.pop(found[1])), getattr(rule, verb))
    body = request if rule.body == "*" else request.pop(rule.body, None) if rule.body else None
    query = "" if rule.body == "*" or not request else f"?{urlencode(request, doseq=True)}"
    answer = gateway.rest(verb.upper(), path + query, body, x_request_id=identity)
    assert answer.headers[IDENTITY] == identity
    if answer.status == 200:
        return ""
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["message"]
    return answer.reason


def by_command(method: MethodDescriptor, gateway: Gateway, request: object, told: pytest.CaptureFixture[str]) -> str:
    """A terminal or a script."""
    told.readouterr()
    rpc = f"{method.containing_service.name}/{method.name}"
    code = main(["--gateway-address", gateway.address, "call", rpc, json.dumps(request), "--json"])
    out, err = told.readouterr()
    if code == 0:
        assert [json.loads(line) for line in out.splitlines()] if method.server_streaming else json.loads(out) != ""
        return ""
    return str(json.loads(err.strip().splitlines()[-1])["error"]["reason"])


def assert_served(running: Mesh, method: MethodDescriptor, identities: list[str]) -> None:
    """The service's own log has the call under the ids that the clients sent."""
    log = running.processes[service_of(method)].log

    def logged() -> bool:
        lines = [line for line in log.read_text().splitlines() if '"call"' in line and path_of(method) in line]
        return all(any(identity in line for line in lines) for identity in identities)

    wait_for(logged, f"{path_of(method)} in the log")


@pytest.mark.parametrize("method", methods(), ids=key_of)
def test_every_door_answers_the_same(
    method: MethodDescriptor,
    gateway: Gateway,
    channel: grpc.Channel,
    running: Mesh,
    stocked: Mapping[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A client's language must not decide what it can do."""
    asked = REQUESTS[key_of(method)]

    def at(door: str) -> Any:
        return asked.of({**stocked, "door": door})

    def message(door: str) -> Message:
        return json_format.ParseDict(at(door), GetMessageClass(method.input_type)())

    doors: dict[str, Ask] = {
        "grpc": partial(by_grpc, method, channel, message("grpc")),
        "web": partial(by_web, method, gateway, message("web")),
    }
    for number, rule in enumerate(paths_of(method)):
        doors[f"rest{number}"] = partial(by_rest, rule, gateway, at(f"rest{number}"))
    identities = {door: str(uuid.uuid4()) for door in doors}
    answered = {door: ask(identities[door]) for door, ask in doors.items()}
    answered["cli"] = by_command(method, gateway, at("cli"), capsys)
    assert answered == dict.fromkeys(answered, asked.reason)
    assert_served(running, method, list(identities.values()))


def test_every_rpc_has_a_request_and_nothing_else_has() -> None:
    """Who adds an rpc says in `requests` what a client would ask of it."""
    assert {key_of(method) for method in methods()} == set(REQUESTS)


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
