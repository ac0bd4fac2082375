"""A generator on the network that has a log and nothing else: WatchBatches as the contract has it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
from dwsim.generator.v1 import event_pb2, generator_service_pb2_grpc
from dwsim.generator.v1 import generator_service_pb2 as pb

from dwsim_wire.errors import StatusTable
from dwsim_wire.fault import Fault
from dwsim_wire.interceptor import CallInterceptor


class LogReplaced(Fault):
    reason = "LOG_REPLACED"


class GeneratorStandIn(generator_service_pb2_grpc.GeneratorServiceServicer):
    """Streams the events that a test adds."""

    def __init__(self) -> None:
        self.log_id = "log-1"
        self.events: list[event_pb2.Event] = []
        self.cursors: list[tuple[str, int]] = []
        self._grown = asyncio.Condition()
        self._server: grpc.aio.Server | None = None
        self.address = ""

    async def start(self, port: int = 0) -> None:
        statuses: StatusTable = {LogReplaced: grpc.StatusCode.FAILED_PRECONDITION}
        self._server = grpc.aio.server(interceptors=[CallInterceptor(statuses)])
        generator_service_pb2_grpc.add_GeneratorServiceServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port(f'127.0.0.1:{port}')}"
        await self._server.start()

    async def stop(self) -> None:
        assert self._server
        await self._server.stop(0)

    async def add(self, *events: event_pb2.Event) -> None:
        """Append to the log."""
        await self.extend(events)

    async def extend(self, events: Iterable[event_pb2.Event]) -> None:
        async with self._grown:
            for event in events:
                numbered = event_pb2.Event()
                numbered.CopyFrom(event)
                numbered.log_id, numbered.sequence = self.log_id, len(self.events) + 1
                self.events.append(numbered)
            self._grown.notify_all()

    async def asked(self, times: int) -> None:
        """Wait until somebody began to watch so many times."""
        async with asyncio.timeout(60), self._grown:
            await self._grown.wait_for(lambda: len(self.cursors) >= times)

    async def replace(self, log_id: str) -> None:
        """Begin an empty log with another id; streams end as a restart ends them."""
        await self.stop()
        self.log_id, self.events = log_id, []
        await self.start(int(self.address.rpartition(":")[2]))

    async def WatchBatches(
        self, request: pb.WatchBatchesRequest, context: Any
    ) -> AsyncIterator[pb.WatchBatchesResponse]:
        async with self._grown:
            self.cursors.append((request.log_id, request.after_sequence))
            self._grown.notify_all()
        if request.log_id not in {"", self.log_id}:
            raise LogReplaced("the log began anew")
        at = request.after_sequence
        while True:
            for event in self.events[at:]:
                yield pb.WatchBatchesResponse(event=event)
                at += 1
            if not request.follow:
                yield pb.WatchBatchesResponse(heartbeat=pb.Heartbeat(newest_sequence=at, end=True))
                return
            async with self._grown:
                while len(self.events) <= at:
                    await self._grown.wait()
