"""The gateway as a process: modes, drain, and that it and Envoy end together."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from tests.gateway.conftest import Started, addresses, gateway_process
from tests.gateway.doors import Gateway
from tests.processes import ServiceProcess, wait_for

MODES = {
    "plain": [],
    "everything": ["--cors", "true", "--reflection-address", "reflection:50055", "--host", "0.0.0.0"],
    "containers": addresses(**{name: f"{name}-svc:50051" for name in ("schema", "generator", "loader", "query")}),
    "replicas": ["--query-address", "127.0.0.1:1,[::1]:2,query-svc:3"],
}


def gateway_command(*flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", "--data-dir", os.devnull, *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("mode", MODES)
def test_envoy_takes_the_configuration(mode: str, tmp_path: Path) -> None:
    """Local stack, containers, every switch: checked by the very Envoy that will run it."""
    (tmp_path / "index.html").write_text("<h1>API</h1>")
    done = gateway_command("--mode", "validate", "--static-dir", str(tmp_path), *MODES[mode])
    assert (done.returncode, done.stderr) == (0, "")


def test_the_configuration_is_printed_whole() -> None:
    """Containers get one file, made when their image is built."""
    done = gateway_command("--mode", "render", *MODES["containers"])
    document = json.loads(done.stdout)
    clusters = {cluster["name"]: cluster for cluster in document["static_resources"]["clusters"]}
    assert set(clusters) == {"schema", "generator", "loader", "query"}
    assert "schema-svc" in json.dumps(clusters["schema"])
    assert "admin" not in document


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--schema-address", "nowhere"], "INVALID_ARGUMENT"),
        (["--static-dir", "/x", "--port", "70000"], "INVALID_ARGUMENT"),
    ],
)
def test_wrong_settings_are_refused_with_the_reason(flags: list[str], reason: str) -> None:
    """The last line says what is wrong."""
    done = gateway_command("--mode", "validate", *flags)
    assert done.returncode == 1
    assert done.stderr.startswith(reason)


def test_a_taken_port_ends_the_gateway_with_envoys_words(gateway: Gateway, tmp_path: Path) -> None:
    """Two gateways on one port would each get half of the calls."""
    process = ServiceProcess(
        "gateway", tmp_path, module="gateway", port=int(gateway.address.rpartition(":")[2]), flags=addresses()
    )
    wait_for(lambda: process.process.poll() is not None, "the gateway to end", 30)
    assert process.process.returncode == 1
    assert "Address already in use" in process.log.read_text()


def test_sigterm_lets_calls_under_way_end(start: Started, gateway: Gateway, name: str) -> None:
    """A deployment must not cut an import in two."""
    gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": "CREATE TABLE t (a INT PRIMARY KEY)"})
    order = {"rows": {"t": 3_000_000}, "wait": True, "auto_load": False}
    answers: list[int] = []
    with start("--drain-seconds", 30) as (other, process):
        path = f"/api/experiments/{name}/generate"
        caller = threading.Thread(target=lambda: answers.append(other.rest("POST", path, order).status))
        caller.start()
        runs = f"/api/experiments/{name}/runs"
        wait_for(lambda: gateway.rest("GET", runs).json["runs"], "the call to be under way")
        assert process.stop() == 0
        caller.join(30)
    assert answers == [200]


def test_envoy_ends_with_the_gateway_however_it_ends(start: Started) -> None:
    """A port that nobody seems to hold is a riddle."""
    with start() as (_, process):
        envoys = psutil.Process(process.process.pid).children()
        assert [envoy.name() for envoy in envoys] == ["envoy"]
        process.kill()
        wait_for(lambda: not envoys[0].is_running() or envoys[0].status() == psutil.STATUS_ZOMBIE, "Envoy to end")


def test_the_gateway_ends_when_envoy_does(start: Started) -> None:
    """The stack then stops and says so, instead of a door that leads nowhere."""
    with start() as (_, process):
        psutil.Process(process.process.pid).children()[0].send_signal(signal.SIGKILL)
        wait_for(lambda: process.process.poll() is not None, "the gateway to end")
        assert process.process.returncode == 1
        assert "ENVOY_ENDED" in process.log.read_text()


def test_files_are_served_under_docs(tmp_path: Path) -> None:
    """The API's page needs no network and no second server."""
    (tmp_path / "page").mkdir()
    (tmp_path / "index.html").write_text("<h1>API</h1>")
    (tmp_path / "page/start.js").write_text("start()" * 200_000)
    with gateway_process(tmp_path / "data", "--static-dir", tmp_path, *addresses()) as (gateway, _):
        index = gateway.rest("GET", "/docs/")
        assert (index.status, index.headers["content-type"], index.body) == (200, "text/html", b"<h1>API</h1>")
        script = gateway.rest("GET", "/docs/page/start.js")
        assert (script.status, len(script.body)) == (200, 1_400_000)
        assert "javascript" in script.headers["content-type"]
        assert gateway.rest("GET", "/docs").headers["location"].endswith("/docs/")
        missing = gateway.rest("GET", "/docs/../../etc/passwd")
        assert (missing.status, missing.reason) == (404, "UNKNOWN_PATH")
