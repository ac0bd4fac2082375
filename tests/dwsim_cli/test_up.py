"""`dw-sim up` with the real services: its signals, its failures, and what it leaves behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from dwsim_wire.settings import DEFAULT_PORTS
from tests.processes import free_ports, wait_for

pytestmark = pytest.mark.xdist_group("cli")
ANY_PORTS = [word for name in (*DEFAULT_PORTS, "gateway", "redshift") for word in (f"--{name}-port", "0")]


@contextmanager
def up(data: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A stack in the foreground and what it announced."""
    command = [sys.executable, "-m", "dwsim_cli.main", "up", "--json", "--quiet", "--data-dir", str(data), *ANY_PORTS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield process, json.loads(line)
        finally:
            process.kill()


def test_ctrl_c_drains_the_stack_and_leaves_no_process(tmp_path: Path) -> None:
    """What a person types when the day is over."""
    with up(tmp_path / "data") as (process, announced):
        assert set(announced["addresses"]) == {*DEFAULT_PORTS, "reflection", "gateway"}
        children = psutil.Process(process.pid).children(recursive=True)
        assert {child.pid for child in children} >= set(announced["pids"].values())
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0
        assert not any(child.is_running() for child in children)
        assert not (tmp_path / "data/stack.json").exists()


@pytest.mark.slow
def test_commands_go_through_the_gateway_of_the_stack(tmp_path: Path) -> None:
    """One door: what a user sees is what a client of any kind sees."""
    with up(tmp_path / "data") as (process, announced):
        command = [sys.executable, "-m", "dwsim_cli.main", "--data-dir", str(tmp_path / "data")]
        asked = [*command, "--json", "call", "SchemaService/GetServerInfo"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
        assert json.loads(done.stdout)["server"]["service"] == "schema"
        log = tmp_path / "data/logs/gateway.log"
        wait_for(lambda: "/dwsim.schema.v1.SchemaService/GetServerInfo" in log.read_text(), "the call in its log")
        with urllib.request.urlopen(f"http://{announced['addresses']['gateway']}/api/servers/schema") as answer:
            assert json.load(answer)["server"]["service"] == "schema"
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 0


def test_api_serves_everything_on_the_one_port_that_is_named(tmp_path: Path) -> None:
    """What an operator opens in a firewall; the services themselves stay on this machine."""
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "dwsim_cli.main", "api", "--json", "--quiet", "--host", "0.0.0.0"]
    command += ["--port", str(port), "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            announced = json.loads(process.stdout.readline())
            assert announced["addresses"]["gateway"] == f"127.0.0.1:{port}"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                assert answer.status == 200
            socket.create_connection(("127.0.0.2", port), timeout=5).close()
            service_port = int(announced["addresses"]["schema"].rpartition(":")[2])
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", service_port), timeout=5)
            process.send_signal(signal.SIGINT)
            assert process.wait(40) == 0
        finally:
            process.kill()


@pytest.mark.slow
def test_a_crashed_service_stops_the_stack_and_is_named(tmp_path: Path) -> None:
    """Half a mesh answers half of the questions wrongly."""
    with up(tmp_path / "data") as (process, announced):
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(announced["pids"]["loader"], signal.SIGKILL)
        assert process.wait(40) == 1
        assert process.stderr
        error = json.loads(process.stderr.read().strip().splitlines()[-1])["error"]
        assert error["reason"] == "SERVICE_FAILED"
        assert error["message"] == "loader was killed by SIGKILL"
        assert not any(child.is_running() for child in children)


@pytest.mark.slow
def test_services_follow_a_killed_stack(tmp_path: Path) -> None:
    """Even SIGKILL leaves no orphan, and the next stack starts on the same directory until SIGTERM."""
    with up(tmp_path / "data") as (process, _):
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        wait_for(lambda: not any(_alive(child) for child in children), "the services to end", 30)
    with up(tmp_path / "data") as (process, announced):
        assert len(announced["pids"]) == 7
        process.terminate()
        assert process.wait(40) == 0


def test_a_directory_of_a_newer_version_is_refused_before_any_service_starts(tmp_path: Path) -> None:
    """One reason, not that of whichever service looked first."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "VERSION").write_text(json.dumps({"layout": 99}))
    command = [sys.executable, "-m", "dwsim_cli.main", "up", "--quiet", "--data-dir", str(data), *ANY_PORTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 5
    assert "the data directory has layout 99" in done.stderr
    assert "reason: DATA_DIRECTORY_NEWER" in done.stderr


def test_a_service_that_cannot_start_is_named_with_its_reason(tmp_path: Path) -> None:
    """A database that is none: the reason, not a stack trace."""
    data = tmp_path / "data"
    (data / "metadata").mkdir(parents=True)
    (data / "metadata/loader.db").write_bytes(b"this is no database" * 1000)
    command = [sys.executable, "-m", "dwsim_cli.main", "up", "--quiet", "--data-dir", str(data), *ANY_PORTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "DATA_DIRECTORY_CORRUPT: the loader database cannot be read" in done.stderr
    assert "hint: its log is" in done.stderr


@pytest.mark.parametrize("package", ["typer", "grpc", "rich.console"])
def test_ctrl_c_while_the_commands_are_imported_is_silent(package: str) -> None:
    """The first second belongs to imports, and to people who see that they mistyped."""
    command = [sys.executable, "-X", "importtime", "-m", "dwsim_cli.start", "doctor"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert any(line.split("|")[-1].strip().startswith(package) for line in process.stderr)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(20) in (-signal.SIGINT, 130)
        assert "Traceback" not in rest


@pytest.mark.slow
def test_an_interrupted_demo_leaves_no_process(tmp_path: Path) -> None:
    """Ctrl-C in the middle of the main job."""
    data = tmp_path / "demo"
    command = [sys.executable, "-m", "dwsim_cli.main", "demo", "--rows", "0.05", "--data-dir", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("start")
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 4
        process.send_signal(signal.SIGINT)
        assert process.wait(40) == 130
        assert not any(_alive(child) for child in children)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
