"""grpcurl, as people run it: it finds every service and shows an error whole."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.processes import service_process

GRPCURL = Path(__file__).parents[2] / "build/go/grpcurl"
SERVICES = {f"dwsim.{name}.v1.{name.capitalize()}Service" for name in ("schema", "generator", "loader", "query")}
Grpcurl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def reflection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the reflection server listens."""
    data_dir = tmp_path_factory.mktemp("reflection")
    with service_process("reflection", data_dir, module="gateway.reflection") as process:
        yield process.address()


def run_grpcurl(address: str, *words: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    assert GRPCURL.exists(), "there is no grpcurl; `make build/go` builds it"
    command = [str(GRPCURL), "-plaintext", *flags, address, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture
def grpcurl(reflection: str) -> Grpcurl:
    """Runs grpcurl against the reflection server."""
    return partial(run_grpcurl, reflection)


@pytest.fixture
def grpcurl_gateway(stack_url: str) -> Grpcurl:
    """Runs grpcurl against the gateway of a whole stack."""
    return partial(run_grpcurl, stack_url.removeprefix("http://"))


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


@pytest.mark.xdist_group("gateway")
def test_the_gateway_lists_the_whole_mesh(grpcurl_gateway: Grpcurl) -> None:
    """The first command of the README."""
    listed = grpcurl_gateway("list")
    assert set(listed.stdout.split()) >= SERVICES, listed.stderr


@pytest.mark.xdist_group("gateway")
@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_service_answers_grpcurl_through_the_gateway(service: str, grpcurl_gateway: Grpcurl) -> None:
    """grpcurl learns the request from reflection, which another server answers than the one it calls."""
    answer = grpcurl_gateway(f"{service}/GetServerInfo")
    assert json.loads(answer.stdout)["server"]["service"] == service.split(".")[1], answer.stderr


@pytest.mark.xdist_group("gateway")
def test_the_life_of_an_experiment_by_grpcurl(grpcurl_gateway: Grpcurl) -> None:
    """Import, revise, list, compare, delete without a stub of ours."""

    def ask(rpc: str, **request: object) -> subprocess.CompletedProcess[str]:
        return grpcurl_gateway(f"dwsim.schema.v1.SchemaService/{rpc}", flags=("-d", json.dumps(request)))

    made = ask("ImportSql", name="curled", sql="CREATE TABLE t (id INT PRIMARY KEY)")
    etag = json.loads(made.stdout)["experiment"]["etag"]
    table = {"name": "curled", "sql": "CREATE TABLE u (id INT)"}
    assert json.loads(ask("ImportTable", **table, etag=etag).stdout)["experiment"]["revision"] == 2
    stale = ask("ImportTable", **table, etag=etag)
    assert "Code: Aborted" in stale.stderr
    assert '"reason": "ETAG_MISMATCH"' in stale.stderr
    revisions = json.loads(ask("ListRevisions", name="curled").stdout)["revisions"]
    assert revisions[0]["summary"] == "1 table added (u)"
    changes = json.loads(ask("CompareRevisions", name="curled").stdout)["changes"]
    assert changes == [{"kind": "ADDED", "table": "u"}]
    found = json.loads(ask("ListExperiments", search="CURL").stdout)["experiments"]
    assert [one["name"] for one in found] == ["curled"]
    assert json.loads(ask("DeleteExperiment", name="curled").stdout)["done"] is True


@pytest.mark.xdist_group("gateway")
def test_an_error_is_shown_whole(grpcurl_gateway: Grpcurl) -> None:
    """Reason and hint are details: grpcurl prints them only if reflection knows their types."""
    failed = grpcurl_gateway("dwsim.schema.v1.SchemaService/GetExperiment", flags=("-d", '{"name": "nowhere"}'))
    for words in ("Code: NotFound", "'nowhere'", '"reason": "UNKNOWN_EXPERIMENT"', '"hint": "ListExperiments'):
        assert words in failed.stderr


@pytest.mark.xdist_group("gateway")
@pytest.mark.parametrize("rpc", ["ListLoadBatches", "ListRejects", "ReplayRejects"])
def test_rejects_are_asked_for_by_grpcurl(rpc: str, grpcurl_gateway: Grpcurl) -> None:
    """No load has this number; the answer names the fact."""
    answer = grpcurl_gateway(f"dwsim.loader.v1.LoaderService/{rpc}", flags=("-d", '{"load_id": 999999}'))
    assert "UNKNOWN_LOAD" in answer.stderr
