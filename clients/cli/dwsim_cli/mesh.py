"""Typed doors to the four services; each channel opens on first use, one for all that share an address."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import grpc
from dwsim.generator.v1.generator_service_pb2_grpc import GeneratorServiceStub
from dwsim.loader.v1.loader_service_pb2_grpc import LoaderServiceStub
from dwsim.query.v1.query_service_pb2_grpc import QueryServiceStub
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub
from google.protobuf.message import Message

from dwsim_cli.faults import NoStack
from dwsim_wire import client

Answer = TypeVar("Answer", bound=Message)
CALL_SECONDS = 120.0


class Mesh:
    """The services at `addresses`, for the length of an `async with`; one without address has no stack to be in."""

    def __init__(self, addresses: Mapping[str, str], data_dir: Path) -> None:
        self.addresses = addresses
        self._data_dir = data_dir
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._closing = AsyncExitStack()

    async def __aenter__(self) -> "Mesh":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self._closing.aclose()

    def channel(self, service: str) -> grpc.aio.Channel:
        """Channel to `service`."""
        address = self._address(service)
        if address not in self._channels:
            channel = self._channels[address] = client.open_channel(address)
            self._closing.push_async_callback(channel.close, None)
        return self._channels[address]

    @cached_property
    def schema(self) -> SchemaServiceStub:
        """Experiments."""
        return SchemaServiceStub(self.channel("schema"))

    @cached_property
    def generator(self) -> GeneratorServiceStub:
        """Runs and staged files."""
        return GeneratorServiceStub(self.channel("generator"))

    @cached_property
    def loader(self) -> LoaderServiceStub:
        """Loads and warehouses."""
        return LoaderServiceStub(self.channel("loader"))

    @cached_property
    def query(self) -> QueryServiceStub:
        """Queries and the catalog."""
        return QueryServiceStub(self.channel("query"))

    async def call(self, rpc: client.UnaryRpc[Answer], request: Message, *, timeout: float = CALL_SECONDS) -> Answer:
        """Call a unary rpc of one of the services."""
        return await client.call(rpc, request, timeout=timeout, peer=self.peer_of(request))

    def stream(self, rpc: client.StreamRpc[Answer], request: Message) -> AsyncGenerator[Answer, None]:
        """Call a streaming rpc of one of the services."""
        return client.stream(rpc, request, peer=self.peer_of(request))

    def peer_of(self, request: Message) -> str:
        """Service that the request's package belongs to, with its address, for errors."""
        service = request.DESCRIPTOR.full_name.split(".")[1]
        return f"the {service} service at {self.addresses[service]}"

    def _address(self, service: str) -> str:
        if service not in self.addresses:
            raise NoStack(
                f"no stack runs on {self._data_dir}",
                hint=f"`dw-sim up --data-dir {self._data_dir}` starts one; --{service}-address names one elsewhere",
            )
        return self.addresses[service]
