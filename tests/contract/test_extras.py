"""Each service starts in an environment that has only its own extra."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.processes import service_process

ROOT = Path(__file__).parents[2]
STRANGERS = {
    "schema": ["pyarrow", "duckdb", "numba", "typer"],
    "generator": ["psycopg2", "adbc_driver_sqlite", "typer"],
    "loader": ["sqlglot", "numba", "faker", "typer"],
    "query": ["duckdb", "faker", "adbc_driver_sqlite", "typer"],
}


def run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run("uv", "build", "-q", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.mark.xdist_group("extras")
@pytest.mark.slow
@pytest.mark.parametrize("service", STRANGERS)
def test_a_service_starts_with_its_own_extra_alone(service: str, wheel: Path, tmp_path: Path) -> None:
    """A container image of one service must not need the libraries of the others."""
    environment = tmp_path / "env"
    python = environment / "bin/python"
    run("uv", "venv", "-q", "--python", sys.executable, environment)
    run("uv", "pip", "install", "-q", "--python", python, "-c", ROOT / "constraints.txt", f"{wheel}[{service}]")
    for module in STRANGERS[service]:
        found = subprocess.run([python, "-c", f"import {module}"], capture_output=True, cwd=tmp_path, check=False)
        assert found.returncode, f"{module} came with the extra {service!r}"
    with (
        service_process(service, tmp_path / "data", python=str(python), cwd=tmp_path) as process,
        grpc.insecure_channel(process.address()) as channel,
    ):
        health: Any = health_pb2_grpc.HealthStub(channel)
        answer = health.Check(health_pb2.HealthCheckRequest(), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert process.stop() == 0


@pytest.mark.xdist_group("extras")
def test_the_gateway_needs_its_own_extra_alone(wheel: Path, tmp_path: Path) -> None:
    """Its descriptors come from the stubs: neither buf nor a service is needed where it runs."""
    environment = tmp_path / "env"
    python = environment / "bin/python"
    run("uv", "venv", "-q", "--python", sys.executable, environment)
    run("uv", "pip", "install", "-q", "--python", python, "-c", ROOT / "constraints.txt", f"{wheel}[gateway]")
    command = [str(python), "-m", "gateway", "--mode", "validate"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.xdist_group("extras")
def test_the_python_client_needs_its_own_extra_alone(wheel: Path, tmp_path: Path) -> None:
    """Who asks a stack elsewhere installs no services; the client's typing comes with it."""
    environment = tmp_path / "env"
    python = environment / "bin/python"
    run("uv", "venv", "-q", "--python", sys.executable, environment)
    run("uv", "pip", "install", "-q", "--python", python, "-c", ROOT / "constraints.txt", f"{wheel}[client]")
    for module in ("typer", "sqlglot", "numba", "sqlalchemy", "pandas"):
        found = subprocess.run([python, "-c", f"import {module}"], capture_output=True, cwd=tmp_path, check=False)
        assert found.returncode, f"{module} came with the extra 'client'"
    script = """
import dwsim, dwsim.query.v1.query_service_pb2, sys, pathlib
assert "pyarrow" not in sys.modules
assert pathlib.Path(dwsim.__file__).with_name("py.typed").exists()
dwsim.warehouse
with dwsim.connect("127.0.0.1:1") as client:
    try:
        client.experiments.list()
    except dwsim.Unavailable as error:
        print(error.reason)
"""
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("UNAVAILABLE\n", "")
