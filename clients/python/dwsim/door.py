"""The way to the services: typed stubs over one channel, whose faults become exceptions of the client."""

from collections.abc import AsyncGenerator
from typing import TypeVar

from google.protobuf.message import Message

from dwsim.faults import from_fault
from dwsim.generator.v1.generator_service_pb2_grpc import GeneratorServiceStub
from dwsim.loader.v1.loader_service_pb2_grpc import LoaderServiceStub
from dwsim.query.v1.query_service_pb2_grpc import QueryServiceStub
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub
from dwsim_wire import client
from dwsim_wire.fault import Fault

Answer = TypeVar("Answer", bound=Message)
CALL_SECONDS = 120.0


class Door:
    """The four services behind one gateway; made and used inside of one event loop."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._channel = client.open_channel(address)
        self.schema = SchemaServiceStub(self._channel)
        self.generator = GeneratorServiceStub(self._channel)
        self.loader = LoaderServiceStub(self._channel)
        self.query = QueryServiceStub(self._channel)

    async def call(self, rpc: client.UnaryRpc[Answer], request: Message, *, timeout: float = CALL_SECONDS) -> Answer:
        """Call a unary rpc."""
        try:
            return await client.call(rpc, request, timeout=timeout, peer=self._peer)
        except Fault as fault:
            raise from_fault(fault) from None

    async def stream(self, rpc: client.StreamRpc[Answer], request: Message) -> AsyncGenerator[Answer, None]:
        """Call a streaming rpc; closing the generator ends the call."""
        answers = client.stream(rpc, request, peer=self._peer)
        try:
            async for answer in answers:
                yield answer
        except Fault as fault:
            raise from_fault(fault) from None
        finally:
            await answers.aclose()

    async def close(self) -> None:
        """Close the channel; calls that run are cancelled."""
        await self._channel.close(None)

    @property
    def _peer(self) -> str:
        return f"the gateway at {self.address}"
