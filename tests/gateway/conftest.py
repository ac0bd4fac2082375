"""One mesh behind one gateway for all tests of this folder; other gateways for those that need them."""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from local_stack import LocalStack
from tests.gateway.doors import Gateway
from tests.processes import Mesh, ServiceProcess, mesh

Started = Callable[..., AbstractContextManager[tuple[Gateway, ServiceProcess]]]


@contextlib.contextmanager
def gateway_process(data_dir: Path, *flags: object) -> Iterator[tuple[Gateway, ServiceProcess]]:
    """A gateway on a free port, ended with the block."""
    process = ServiceProcess("gateway", data_dir, module="gateway", flags=flags)
    try:
        yield Gateway(process.address()), process
    finally:
        process.stop()


def addresses(**given: str) -> list[str]:
    """Flags that say where the services are; those not given are nowhere."""
    everywhere = dict.fromkeys(Mesh.SERVICES, "127.0.0.1:1") | given
    return [word for name, address in everywhere.items() for word in (f"--{name}-address", address)]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh(tmp_path_factory.mktemp("mesh")) as started:
        yield started


@pytest.fixture(scope="session")
def shared(running: Mesh) -> Iterator[tuple[Gateway, ServiceProcess]]:
    with gateway_process(running.data_dir, *_of(running)) as started:
        yield started


@pytest.fixture(scope="session")
def gateway(shared: tuple[Gateway, ServiceProcess]) -> Gateway:
    return shared[0]


@pytest.fixture
def start(running: Mesh, tmp_path: Path) -> Started:
    """Starts another gateway to the same mesh, with flags of its own."""
    return lambda *flags: gateway_process(tmp_path, *_of(running), *flags)


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"x{uuid.uuid4().hex[:10]}"


def _of(running: Mesh) -> list[str]:
    return addresses(**{service: running.address(service) for service in Mesh.SERVICES})


@pytest.fixture
def running_schema(running: Mesh) -> str:
    """Address of the schema service."""
    return running.address("schema")


@pytest.fixture(scope="session")
def stack_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the gateway of a whole local stack."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    stack = LocalStack(tmp_path_factory.mktemp("stack"), ports=dict.fromkeys((*Mesh.SERVICES, "gateway"), 0))
    try:
        asyncio.run_coroutine_threadsafe(stack.start(), loop).result()
        yield f"http://{stack.addresses['gateway']}"
    finally:
        asyncio.run_coroutine_threadsafe(stack.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
