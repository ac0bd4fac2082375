"""The reflection server: answers from the descriptors of the committed stubs, knows no service's address."""

import grpc
from dwsim.generator.v1 import generator_service_pb2
from dwsim.loader.v1 import loader_service_pb2
from dwsim.query.v1 import query_service_pb2
from dwsim.schema.v1 import schema_service_pb2
from pydantic import Field

from dwsim_wire.server import Service
from dwsim_wire.settings import REFLECTION_PORT, ServiceSettings

FULL_NAME = "grpc.reflection.v1.ServerReflection"
SERVICES = tuple(
    service.full_name
    for module in (schema_service_pb2, generator_service_pb2, loader_service_pb2, query_service_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
)


class ReflectionSettings(ServiceSettings):
    """Settings of the reflection server; frozen."""

    port: int = Field(REFLECTION_PORT, ge=0, le=65535, description="port to bind to; 0 takes a free one")


async def build(settings: ReflectionSettings) -> Service:
    """Describe the server; it has no rpc but those that `serve` gives everybody."""
    del settings
    return Service(
        name="reflection",
        full_name=FULL_NAME,
        register=_register,
        statuses={},
        start=_nothing,
        stop=_nothing,
        reflected=SERVICES,
    )


def _register(server: grpc.aio.Server) -> None:
    """Add nothing: `serve` registers reflection for everybody."""
    del server


async def _nothing() -> None:
    """There is no work in the background."""
