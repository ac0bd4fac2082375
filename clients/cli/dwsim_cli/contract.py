"""The contract by name: every rpc of every service, its messages, its JSON."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from dwsim.generator.v1 import generator_service_pb2
from dwsim.loader.v1 import loader_service_pb2
from dwsim.query.v1 import query_service_pb2
from dwsim.schema.v1 import schema_service_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dwsim_cli.faults import InvalidInput, UnknownRpc
from dwsim_cli.mesh import Mesh

_FILES = {
    "schema": schema_service_pb2,
    "generator": generator_service_pb2,
    "loader": loader_service_pb2,
    "query": query_service_pb2,
}


@dataclass(frozen=True)
class Rpc:
    """One method of one service."""

    service: str
    """Name of the service in the mesh, such as `schema`."""
    method: MethodDescriptor

    @property
    def name(self) -> str:
        """`SchemaService/ImportSql`."""
        return f"{self.method.containing_service.name}/{self.method.name}"

    @property
    def streams(self) -> bool:
        """True where the answer is a stream."""
        return bool(self.method.server_streaming)

    def request(self, text: str) -> Message:
        """Read a request from JSON; enums and field names as REST has them."""
        message = GetMessageClass(self.method.input_type)()
        try:
            return json_format.Parse(text or "{}", message)
        except json_format.ParseError as error:
            fields = ", ".join(field.name for field in self.method.input_type.fields)
            raise InvalidInput(
                f"the request is not a {self.method.input_type.name}: {error}", hint=f"its fields are {fields}"
            ) from None

    def bind(self, mesh: Mesh) -> Any:
        """Callable of the rpc on the service's channel."""
        channel = mesh.channel(self.service)
        kind = channel.unary_stream if self.streams else channel.unary_unary
        return kind(
            f"/{self.method.containing_service.full_name}/{self.method.name}",
            request_serializer=GetMessageClass(self.method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(self.method.output_type).FromString,
        )


def all_rpcs() -> list[Rpc]:
    """Every rpc of the contract, service by service."""
    return [
        Rpc(name, method)
        for name, module in _FILES.items()
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    ]


def find_rpc(name: str) -> Rpc:
    """Rpc that `name` means: `SchemaService/X`, `schema/X`, `X` where only one service has it."""
    wanted = name.lower().replace(".", "/").lstrip("/")
    by_name: dict[str, list[Rpc]] = {}
    for rpc in all_rpcs():
        for alias in _aliases(rpc):
            by_name.setdefault(alias, []).append(rpc)
    found = by_name.get(wanted, [])
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownRpc(f"several services have {name}", hint="name one: " + ", ".join(rpc.name for rpc in found))
    near = [by_name[alias][0].name for alias in get_close_matches(wanted, by_name, n=3, cutoff=0.5)]
    hint = "did you mean " + " or ".join(dict.fromkeys(near)) + "?" if near else "`dw-sim call --list` shows all"
    raise UnknownRpc(f"the contract has no rpc {name}", hint=hint)


def _aliases(rpc: Rpc) -> set[str]:
    method = rpc.method.name.lower()
    full = rpc.method.containing_service.full_name.lower().replace(".", "/")
    return {method, f"{rpc.service}/{method}", f"{rpc.service}service/{method}", f"{full}/{method}"}
