"""The container form of the mesh keeps what its parts promise; checked without a container engine."""

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dwsim_wire.settings import DEFAULT_PORTS, ENV_PREFIX, GATEWAY_PORT, REFLECTION_PORT, read_settings
from gateway import reflection
from tests.containers.composed import MESH, ROOT, run_compose, services, settings_class

GATEWAY, REFLECTION = "gateway", "reflection-svc"
STAND_INS = {"local-redshift-mock", "local-s3-staging", "local-snowflake-emulator"}
EVERY = sorted(services())
MOCK_SECRETS = {"dw_user", "dw_pass"}


def volumes(service: str) -> dict[str, dict[str, Any]]:
    """Mounts by their path in the container."""
    return {mount["target"]: mount for mount in services()[service]["volumes"]}


def test_compose_accepts_the_file_without_a_warning() -> None:
    """Compose's own schema and interpolation are the authority on the format."""
    done = run_compose(ROOT / "docker-compose.yml", "config", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


def test_compose_would_refuse_a_misspelt_key(tmp_path: Path) -> None:
    """Otherwise the check above proves nothing."""
    text = (ROOT / "docker-compose.yml").read_text()
    (tmp_path / "wrong.yml").write_text(text.replace("healthcheck:", "helthcheck:", 1))
    assert run_compose(tmp_path / "wrong.yml", "config", "--quiet").returncode != 0


def test_the_mesh_and_its_stand_ins_are_all_there() -> None:
    """The names are those that settings, documents and scripts use."""
    assert {*(f"{name}-svc" for name in MESH), GATEWAY, REFLECTION, *STAND_INS} == set(EVERY)
    optional = {name for name in EVERY if services()[name].get("profiles")}
    assert optional == {"local-s3-staging", "local-snowflake-emulator"}


@pytest.mark.parametrize("service", EVERY)
def test_a_container_is_confined_watched_and_ended_gently(service: str) -> None:
    """A stand-in on a laptop has no need of root, of its own file system, or of a second start by hand."""
    facts = services()[service]
    user = re.match(r"\d+", str(facts.get("user", "")))
    assert user
    assert int(user[0]) > 0
    assert facts["read_only"] is True
    assert facts["cap_drop"] == ["ALL"]
    assert facts["security_opt"] == ["no-new-privileges:true"]
    assert facts["init"] is True
    assert facts["restart"] == "unless-stopped"
    assert facts["healthcheck"]["test"][0] == "CMD"
    assert not facts.get("privileged")


@pytest.mark.parametrize("service", EVERY)
def test_no_port_is_open_to_the_network(service: str) -> None:
    """Nothing here asks for a password that deserves the name."""
    for port in services()[service].get("ports", ()):
        assert port["host_ip"] == "127.0.0.1"


@pytest.mark.parametrize("service", EVERY)
def test_an_image_is_built_here_or_has_a_version(service: str) -> None:
    """`latest` is another program every month."""
    facts = services()[service]
    if "build" not in facts:
        assert re.search(r":v?\d+(\.\d+)*(-alpine)?$", facts["image"])


@pytest.mark.parametrize("name", MESH)
def test_the_settings_of_a_container_are_settings_of_its_service(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable is ignored in silence; a wrong value ends the container."""
    cls = settings_class(name)
    environment = services()[f"{name}-svc"]["environment"]
    ours = {key for key in environment if key.startswith(ENV_PREFIX)}
    assert {key.removeprefix(ENV_PREFIX).lower() for key in ours} <= set(cls.model_fields)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    settings = read_settings(cls)
    addresses = {other: getattr(settings, f"{other}_address") for other in MESH}
    assert addresses == {other: f"{other}-svc:{DEFAULT_PORTS[other]}" for other in MESH}
    grace = services()[f"{name}-svc"]["stop_grace_period"]
    assert settings.drain_seconds < float(grace.removesuffix("s"))


@pytest.mark.parametrize("name", MESH)
def test_a_service_is_published_and_probed_on_its_own_port(name: str) -> None:
    """dw-sim's defaults reach the containers; a probe of another service's port would lie."""
    facts = services()[f"{name}-svc"]
    assert facts["build"]["args"] == {"SERVICE": name}
    assert [(p["published"], p["target"]) for p in facts["ports"]] == [(str(DEFAULT_PORTS[name]), DEFAULT_PORTS[name])]
    assert facts["healthcheck"]["test"][-2:] == ["dwsim_wire.probe", f"127.0.0.1:{DEFAULT_PORTS[name]}"]


def test_the_reflection_server_runs_and_is_probed_where_the_gateway_looks_for_it() -> None:
    """It shares an image: its command and its port are said here alone."""
    facts = services()[REFLECTION]
    assert facts["entrypoint"] == ["python", "-P", "-m", reflection.__name__]
    assert facts["healthcheck"]["test"][-1] == f"127.0.0.1:{REFLECTION_PORT}"


def test_services_share_the_volumes_that_they_need_and_no_others() -> None:
    """State of one service is nobody else's; files are found where events say that they are."""
    stage = services()["generator-svc"]["environment"]["DW_SIMULATOR_STAGE_BUCKET"]
    assert volumes("generator-svc")[stage]["source"] == volumes("loader-svc")[stage]["source"] == "staging"
    assert services()["loader-svc"]["environment"]["DW_SIMULATOR_STAGE_BUCKET"] == stage  # rejects go there
    for name in ("loader", "query"):
        place = services()[f"{name}-svc"]["environment"]["DW_SIMULATOR_WAREHOUSE_DIR"]
        assert volumes(f"{name}-svc")[place]["source"] == "warehouses"
    for name in MESH:
        rest = {mount["source"] for mount in volumes(f"{name}-svc").values()} - {"staging", "warehouses"}
        assert rest == {f"{name}-data"}
        assert volumes(f"{name}-svc")["/data"]["source"] == f"{name}-data"


def test_the_gateway_is_healthy_only_when_it_says_so() -> None:
    """Its image has no HTTP client: a line of bash asks, and must know a refusal from a welcome."""
    words = services()[GATEWAY]["healthcheck"]["test"]
    assert words[:3] == ["CMD", "bash", "-c"]
    (published,) = services()[GATEWAY]["ports"]
    assert (published["published"], published["target"]) == (str(GATEWAY_PORT), GATEWAY_PORT)
    for status, code in ((HTTPStatus.OK, 0), (HTTPStatus.SERVICE_UNAVAILABLE, 1)):
        with answering(status) as port:
            line = words[3].replace(f"/127.0.0.1/{GATEWAY_PORT}", f"/127.0.0.1/{port}")
            assert subprocess.run(["bash", "-c", line], timeout=10, check=False).returncode == code
    assert subprocess.run(["bash", "-c", line], stderr=subprocess.DEVNULL, timeout=10, check=False).returncode != 0


@contextmanager
def answering(status: HTTPStatus) -> Iterator[int]:
    """A server whose every answer has this status; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # Envoy refuses HTTP/1.0, and HTTP/1.1 without a host
            asked_well = self.path == "/healthz" and self.request_version == "HTTP/1.1" and self.headers["Host"]
            self.send_response(status if asked_well else HTTPStatus.BAD_REQUEST)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_the_redshift_stand_in_is_where_loader_and_query_look_for_it() -> None:
    """One address, one user, one database."""
    mock = services()["local-redshift-mock"]
    for name in ("loader", "query"):
        url = urlsplit(services()[f"{name}-svc"]["environment"]["DW_SIMULATOR_REDSHIFT_URL"])
        assert (url.hostname, url.path) == ("local-redshift-mock", f"/{mock['environment']['POSTGRES_DB']}")
        assert (url.username, url.password) == ("dw_user", "dw_pass")
        assert f"port={url.port}" in mock["command"]
        assert [(p["published"], p["target"]) for p in mock["ports"]] == [(str(url.port), url.port)]


@pytest.mark.parametrize("service", EVERY)
def test_the_only_secrets_are_those_of_the_mock(service: str) -> None:
    """What is committed is public."""
    for key, value in services()[service].get("environment", {}).items():
        secret = urlsplit(value).password if "://" in value else value if re.search("PASS|SECRET|KEY", key) else None
        assert secret is None or secret in MOCK_SECRETS


def test_other_credentials_come_from_the_environment() -> None:
    """Both ends of the connection change with one variable."""
    changed = services(REDSHIFT_PASSWORD="another")
    assert changed["local-redshift-mock"]["environment"]["POSTGRES_PASSWORD"] == "another"
    assert ":another@" in changed["query-svc"]["environment"]["DW_SIMULATOR_REDSHIFT_URL"]
