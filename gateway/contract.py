"""The contract as Envoy needs it, read from the generated stubs: so it never differs from what the services speak."""

from dataclasses import dataclass
from functools import cache
from types import ModuleType

from dwsim.generator.v1 import generator_service_pb2
from dwsim.loader.v1 import loader_service_pb2
from dwsim.query.v1 import query_service_pb2
from dwsim.schema.v1 import schema_service_pb2
from google.api import annotations_pb2
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, MethodOptions
from google.rpc import error_details_pb2, status_pb2

_SERVICES = {
    "schema": schema_service_pb2,
    "generator": generator_service_pb2,
    "loader": loader_service_pb2,
    "query": query_service_pb2,
}
# Without their types, errors with details have no REST body.
_ERRORS = (status_pb2, error_details_pb2)


@dataclass(frozen=True)
class Contract:
    """One service of the contract."""

    name: str
    full_name: str
    rpcs: tuple["Rpc", ...]


@dataclass(frozen=True)
class Rpc:
    """One method of a service."""

    path: str
    """Where gRPC finds it: `/package.Service/Method`."""
    repeatable: bool
    """True where it does the same when it is sent twice."""
    rest_body: str
    """Field of the answer that is REST's whole body; empty where the answer is."""
    streams_messages: bool
    """True where it answers a stream of messages; a file that comes in pieces is none."""


@cache
def contracts() -> tuple[Contract, ...]:
    """The services, by name."""
    return tuple(_contract(name, module) for name, module in _SERVICES.items())


@cache
def descriptor_set() -> bytes:
    """A FileDescriptorSet of the whole contract with all that it imports, in the order of the imports.

    It leaves `response_body` out, which Envoy refuses to read: `Rpc.rest_body` has it.
    """
    found: dict[str, FileDescriptorProto] = {}
    for module in (*_SERVICES.values(), *_ERRORS):
        _collect(module.DESCRIPTOR, found)
    for method in (m for file in found.values() for service in file.service for m in service.method):
        rule = method.options.Extensions[annotations_pb2.http]
        for binding in (rule, *rule.additional_bindings):
            binding.ClearField("response_body")
    return FileDescriptorSet(file=found.values()).SerializeToString(deterministic=True)


def _contract(name: str, module: ModuleType) -> Contract:
    service: ServiceDescriptor = module.DESCRIPTOR.services_by_name[f"{name.capitalize()}Service"]
    return Contract(name, service.full_name, tuple(_rpc(method) for method in service.methods))


def _rpc(method: MethodDescriptor) -> Rpc:
    options = method.GetOptions()
    return Rpc(
        path=f"/{method.containing_service.full_name}/{method.name}",
        repeatable=options.idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN,
        rest_body=options.Extensions[annotations_pb2.http].response_body,
        streams_messages=method.server_streaming and method.output_type.full_name != "google.api.HttpBody",
    )


def _collect(file: FileDescriptor, found: dict[str, FileDescriptorProto]) -> None:
    if file.name in found:
        return
    for imported in file.dependencies:
        _collect(imported, found)
    found[file.name] = FileDescriptorProto.FromString(file.serialized_pb)
