"""A real S3 server for tests, as the stack runs it: SeaweedFS on free ports, a prefix of its own for every test.

`s3_server` and `s3` are fixtures of all tests: the conftest at the root imports them.
"""

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dwsim_wire import object_store
from dwsim_wire.staging import StagingRoot
from local_stack import s3 as stand_in
from local_stack.leash import leashed
from local_stack.ports import listens
from tests.processes import free_ports, wait_for


class Server:
    """SeaweedFS, which can be killed and started again on its ports."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port, *self._inner = free_ports(1 + len(stand_in.INNER_PORTS))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> None:
        """Start it."""
        flags = ["--directory", str(self._directory), "--port", str(self.port)]
        flags += ["--inner-ports", *map(str, self._inner)]
        self._directory.mkdir(parents=True, exist_ok=True)
        log = self._directory.with_name(f"{self._directory.name}.log")
        command = leashed([sys.executable, "-P", "-m", "local_stack.s3", *flags])
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        if wait:
            keeper = self._process
            wait_for(lambda: listens(stand_in.HOST, self.port) or keeper.poll() is not None, "S3 to be ready")
            assert keeper.poll() is None, log.read_text()[-4000:]

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def ensure(self) -> None:
        """Start it unless it runs. Call this and `start` in the main thread: a server ends with the thread it is of."""
        if self._process is None:
            self.start()

    @property
    def environment(self) -> dict[str, str]:
        """What a client is told."""
        return dict(stand_in.environment(self.port))


@dataclass(frozen=True)
class Prefix:
    """A folder of a test's own."""

    server: Server
    root: StagingRoot

    def names(self) -> list[str]:
        """Names of the objects below the folder."""
        found = object_store.open_bucket(self.root.bucket).list(self.root)
        return sorted(str(stored.place.path.relative_to(self.root.path)) for stored in found)

    def read(self, uri: str) -> bytes:
        """The bytes of an object."""
        place = StagingRoot.parse(uri)
        content = object_store.open_bucket(place.bucket).get(place)
        assert content is not None, uri
        return bytes(content)


@contextlib.contextmanager
def s3_running(directory: Path) -> Iterator[Server]:
    """Run the stand-in; end it with the block."""
    server = Server(directory)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3_running(tmp_path_factory.mktemp("s3") / "state") as server:
        yield server


@pytest.fixture
def s3(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prefix]:
    """A prefix of the server, and this process as a client of it."""
    with client_of(s3_server, monkeypatch):
        yield Prefix(s3_server, StagingRoot.parse(f"s3://{stand_in.BUCKET}/{uuid.uuid4().hex}"))


@contextlib.contextmanager
def client_of(server: Server, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Iterator[None]:
    """Make this process a client of a server."""
    for name, value in (server.environment | environment).items():
        monkeypatch.setenv(name, value)
    object_store.open_bucket.cache_clear()
    yield
    object_store.open_bucket.cache_clear()
