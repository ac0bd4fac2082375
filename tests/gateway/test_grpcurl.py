"""grpcurl, as people run it: it finds every service and shows an error whole."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import service_process

GRPCURL = Path(__file__).parents[2] / "build/go/grpcurl"
SERVICES = {f"dwsim.{name}.v1.{name.capitalize()}Service" for name in ("schema", "generator", "loader", "query")}
Grpcurl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the reflection server listens."""
    data_dir = tmp_path_factory.mktemp("reflection")
    with service_process("reflection", data_dir, module="gateway.reflection") as process:
        yield process.address()


@pytest.fixture
def grpcurl(address: str) -> Grpcurl:
    """Runs grpcurl against the address."""
    assert GRPCURL.exists(), "there is no grpcurl; `make build/go` builds it"

    def run(*words: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [str(GRPCURL), "-plaintext", *flags, address, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    return run


def test_list_shows_the_whole_mesh(grpcurl: Grpcurl) -> None:
    """Behind one gateway nobody can ask each service for itself."""
    listed = grpcurl("list")
    assert set(listed.stdout.split()) >= {*SERVICES, "grpc.health.v1.Health"}, listed.stderr


def test_describe_shows_all_that_list_shows(grpcurl: Grpcurl) -> None:
    """It stops at the first name whose descriptor is missing."""
    described = grpcurl("describe")
    assert described.returncode == 0, described.stderr
    assert set(re.findall(r"^(\S+) is a service:", described.stdout, re.M)) == set(grpcurl("list").stdout.split())


def test_a_request_can_be_written_from_what_describe_shows(grpcurl: Grpcurl) -> None:
    """A template needs every message that the request refers to, to any depth."""
    template = grpcurl("describe", "dwsim.schema.v1.CreateExperimentRequest", flags=("-msg-template",))
    assert template.returncode == 0, template.stderr
    assert '"targetWarehouse": "KIND_UNSPECIFIED"' in template.stdout


@pytest.mark.parametrize("detail", ["ErrorInfo", "BadRequest"])
def test_the_details_of_errors_are_known(detail: str, grpcurl: Grpcurl) -> None:
    """No rpc names them; without them grpcurl prints an error's details as bytes."""
    assert f"message {detail}" in grpcurl("describe", f"google.rpc.{detail}").stdout


def test_health_is_served_too(grpcurl: Grpcurl) -> None:
    """The stack waits for it, and the gateway checks it."""
    answer = grpcurl("grpc.health.v1.Health/Check", flags=("-d", '{"service": "grpc.reflection.v1.ServerReflection"}'))
    assert '"SERVING"' in answer.stdout, answer.stderr
