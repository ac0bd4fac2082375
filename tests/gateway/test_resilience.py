"""Services that restart, fail, or have too much to do: what the gateway makes of it."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest
from dwsim.schema.v1.schema_service_pb2 import GetServerInfoRequest
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import call, open_channel
from tests.clients import refused
from tests.gateway.conftest import Started, addresses, gateway_process
from tests.gateway.doors import Gateway
from tests.gateway.stand_in import bad_replica
from tests.processes import PROMPT_SECONDS, ServiceProcess, free_ports, wait_for

INFO = "/api/servers/schema"


class Caller(threading.Thread):
    """Calls all the time and notes what it got."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(daemon=True)
        self._gateway = gateway
        self._told = threading.Event()
        self.answers: list[tuple[float, int]] = []

    def run(self) -> None:
        while not self._told.is_set():
            self.answers.append((time.monotonic(), self._gateway.rest("GET", INFO).status))

    def stop(self) -> None:
        self._told.set()
        self.join(60)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Gateway, ServiceProcess, int]]:
    """A gateway to a schema service of its own, which a test may kill."""
    port = free_ports(1)[0]
    service = ServiceProcess("schema", tmp_path, port=port)
    try:
        service.address()
        with gateway_process(tmp_path, *addresses(schema=f"127.0.0.1:{port}")) as (gateway, _):
            yield gateway, service, port
    finally:
        service.stop()


@pytest.mark.parametrize("end", ["kill", pytest.param("stop", marks=pytest.mark.slow)])
def test_a_restart_loses_no_call_and_is_over_within_two_seconds(
    end: str, alone: tuple[Gateway, ServiceProcess, int], tmp_path: Path
) -> None:
    """Whoever reads does not notice that a service was killed or replaced, but by the wait."""
    gateway, service, port = alone
    callers = [Caller(gateway) for _ in range(4)]
    for caller in callers:
        caller.start()
    wait_for(lambda: all(caller.answers for caller in callers), "the first answers")
    getattr(service, end)()
    again = ServiceProcess("schema", tmp_path, port=port)
    try:
        again.address()
        back = time.monotonic()
        assert gateway.rest("GET", INFO).status == 200
        waited = time.monotonic() - back
        for caller in callers:
            caller.stop()
    finally:
        again.stop()
    assert {status for caller in callers for _, status in caller.answers} == {200}
    assert waited < PROMPT_SECONDS


async def test_a_service_that_stays_away_is_named_unavailable_at_every_door(tmp_path: Path) -> None:
    """After the retries: a reason and a hint, also where no service was there to give them."""
    with gateway_process(tmp_path, *addresses()) as (gateway, _):
        rest = asyncio.create_task(asyncio.to_thread(gateway.rest, "GET", INFO))
        web = asyncio.create_task(
            asyncio.to_thread(gateway.web, "/dwsim.schema.v1.SchemaService/GetServerInfo", GetServerInfoRequest())
        )
        started = time.monotonic()
        async with open_channel(gateway.address) as channel:
            with refused(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE", "cannot be reached", "dw-sim doctor"):
                await call(SchemaServiceStub(channel).GetServerInfo, GetServerInfoRequest(), timeout=120)
        assert time.monotonic() - started < 25, "our own client does not retry what the gateway has retried"
        answer = await rest
        assert (answer.status, answer.json["code"], answer.reason) == (503, 14, "UNAVAILABLE")
        assert "dw-sim doctor" in answer.hint
        assert (await web).info.reason == "UNAVAILABLE"


def test_healthz_says_whether_every_service_is_healthy(
    gateway: Gateway, alone: tuple[Gateway, ServiceProcess, int]
) -> None:
    """What a container's health check and the local stack wait for."""
    assert gateway.rest("GET", "/healthz").status == 200
    other, _, _ = alone
    answer = other.rest("GET", "/healthz")
    assert (answer.status, answer.reason) == (503, "NOT_READY")
    assert other.rest("GET", INFO).status == 200, "the services that are there go on"


async def test_a_replica_that_keeps_failing_is_left_out(tmp_path: Path, running_schema: str) -> None:
    """Outlier detection: one broken replica costs a few calls, not half of them for ever."""
    async with bad_replica("unavailable") as bad:
        both = f"{running_schema},{bad.address}"
        with gateway_process(tmp_path, "--threads", 1, *addresses(schema=both)) as (gateway, _):
            async with asyncio.timeout(60):
                while bad.calls < 5:
                    await asyncio.to_thread(gateway.rest, "GET", INFO)
            answers = [await asyncio.to_thread(gateway.rest, "GET", INFO) for _ in range(30)]
    # Envoy ejects in another thread: a call or two may still be under way to the replica
    assert sum(answer.status != 200 for answer in answers) <= 3
    assert bad.calls <= 8


def test_more_calls_than_allowed_are_refused_at_once_and_taken_again_later(start: Started) -> None:
    """The circuit breaker: a client that opens streams without end must not take the service from the others."""
    with start("--max-calls", 2, "--threads", 1) as (gateway, _):
        with ExitStack() as streams:
            for _ in range(2):
                stream = streams.enter_context(gateway.opened("GET", "/api/events?follow=true"))
                assert stream.status == 200
            third = gateway.rest("GET", "/api/runs")
            assert (third.status, third.reason) == (503, "OVERLOADED")
            assert third.hint
            assert gateway.rest("GET", INFO).status == 200, "other services have their own limit"
        wait_for(lambda: gateway.rest("GET", "/api/runs").status == 200, "calls to be taken again", 20)


async def test_a_call_that_is_silent_for_too_long_ends(tmp_path: Path) -> None:
    """Forgotten connections do not pile up; the limit is wide enough for a run that is waited for."""
    async with bad_replica("silent") as silent:
        where = addresses(schema=silent.address)
        with gateway_process(tmp_path, "--idle-seconds", 0.5, *where) as (gateway, _):
            answer = await asyncio.to_thread(gateway.rest, "GET", INFO)
    assert answer.status in {503, 504}
    assert answer.reason == "IDLE_TIMEOUT"
    assert silent.calls == 1, "it is not sent again"
