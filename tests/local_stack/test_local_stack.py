"""The stack with small stand-in services: order, ports, failures, locks, and that no process stays behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local_stack.faults import AlreadyRunning, PortTaken, ServiceFailed
from local_stack.health import is_healthy
from local_stack.lock import DirectoryLock, holder
from local_stack.record import RECORD_FILE, StackRecord
from tests.local_stack.conftest import Build
from tests.processes import free_ports, wait_for


async def test_all_services_are_healthy_inside_and_gone_outside(build: Build, tmp_path: Path) -> None:
    """The promise of `async with`: usable at once, nothing left behind."""
    async with build() as stack:
        assert all([await is_healthy(address) for address in stack.addresses.values()])
        pids = stack.pids
        record = StackRecord.read(tmp_path / "data")
        assert record
        assert record.addresses == stack.addresses
        assert record.pids == pids
        assert record.pid == os.getpid()
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert not (tmp_path / "data" / RECORD_FILE).exists()
    assert holder(tmp_path / "data") is None


async def test_services_drain_in_reverse_order(build: Build, tmp_path: Path) -> None:
    """What others call is the last to go."""
    async with build():
        pass
    assert (tmp_path / "data/farewells").read_text().split() == ["generator", "schema"]


async def test_every_service_knows_where_its_peers_are(build: Build, tmp_path: Path) -> None:
    """Ports move when they are taken, so addresses must travel."""
    async with build() as stack:
        expected = f"{stack.addresses['schema']} {stack.addresses['generator']}"
        assert (tmp_path / "data/schema.peers").read_text() == expected


async def test_a_taken_default_port_is_replaced_by_a_free_one(build: Build) -> None:
    """Somebody else's server on 50051 must not keep a stack from starting."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        free = free_ports(1)[0]
        async with build(defaults=[taken, free]) as stack:
            assert stack.addresses["schema"] != f"127.0.0.1:{taken}"
            assert stack.addresses["generator"] == f"127.0.0.1:{free}"


async def test_a_taken_port_that_was_asked_for_is_refused(build: Build) -> None:
    """Who names a port wants that port or an answer."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1 for schema"):
            await build(ports={"schema": port}).start()


async def test_a_service_that_cannot_start_is_named_with_its_reason(build: Build) -> None:
    """The user must not have to search four logs."""
    stack = build(behave={"generator": "die"})
    with pytest.raises(ServiceFailed) as caught:
        await stack.start()
    assert caught.value.message == "generator ended with exit code 1: BROKEN_CELLAR: the cellar of generator is broken"
    assert "generator.log" in caught.value.hint
    assert caught.value.tail[-1] == "hint: mend it"
    assert stack.pids == {}


async def test_a_service_that_never_becomes_healthy_is_named(build: Build) -> None:
    """A hang is a failure too, and leaves nothing behind either."""
    stack = build(behave={"generator": "deaf"}, start_seconds=8.0)
    with pytest.raises(ServiceFailed, match="generator was not healthy within 8 s"):
        await stack.start()
    assert stack.pids == {}


async def test_a_service_that_crashes_is_reported_by_wait(build: Build) -> None:
    """`up` stops everything then; half a mesh helps nobody."""
    async with build() as stack:
        os.kill(stack.pids["generator"], signal.SIGKILL)
        with pytest.raises(ServiceFailed, match="generator was killed by SIGKILL"):
            await asyncio.wait_for(stack.wait(), 60)


async def test_a_service_that_does_not_drain_is_ended_with_its_children(build: Build, tmp_path: Path) -> None:
    """No process stays behind, whatever a service does."""
    async with build(behave={"schema": "stubborn"}, drain_seconds=0.5):
        grandchild = int((tmp_path / "data/grandchild").read_text())
        assert psutil.pid_exists(grandchild)
    wait_for(lambda: not _alive(grandchild), "the grandchild to be gone")


async def test_a_second_stack_on_the_same_directory_is_refused_naming_the_first(build: Build) -> None:
    """Two stacks on one directory would corrupt it."""
    async with build():
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
            await build().start()


def test_the_record_of_a_killed_stack_is_not_believed(tmp_path: Path) -> None:
    """A stale stack.json must not send clients to somebody else's port."""
    StackRecord(1, {"schema": "127.0.0.1:1"}, {}, "0").write(tmp_path)
    assert StackRecord.read(tmp_path) is None
    lock = DirectoryLock(tmp_path)
    lock.acquire()
    assert StackRecord.read(tmp_path) is not None
    lock.release()


async def test_logs_go_to_a_file_and_to_the_sink_line_by_line(build: Build, tmp_path: Path) -> None:
    """`up` prefixes lines; `demo` keeps them for when something fails."""
    lines: list[tuple[str, str]] = []
    async with build(on_line=lambda service, line: lines.append((service, line))):
        pass
    messages = {(service, json.loads(line)["message"]) for service, line in lines}
    assert {("schema", "serving"), ("generator", "draining")} <= messages
    assert "serving" in (tmp_path / "data/logs/schema.log").read_text()


def test_services_end_when_their_stack_is_killed(tmp_path: Path) -> None:
    """SIGKILL gives the stack no chance to drain: the kernel must tell the services."""
    code = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from local_stack import LocalStack, ServiceSpec
async def main():
    services = [ServiceSpec("schema", "schema_stand_in", 0)]
    async with LocalStack(Path({str(tmp_path)!r}), services=services) as stack:
        print(stack.pids["schema"], flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    (tmp_path / "schema_stand_in.py").write_text("import sys\nfrom stand_in import main\nsys.exit(main('schema'))\n")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parent}"}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert _alive(pid)
        parent.kill()
    wait_for(lambda: not _alive(pid), "the service to follow its stack")


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
