"""What browsers need: CORS where it is switched on, nothing where it is not."""

from collections.abc import Iterator

import pytest

from tests.gateway.conftest import addresses, gateway_process
from tests.gateway.doors import Answer, Gateway
from tests.processes import Mesh

INFO = "/dwsim.schema.v1.SchemaService/GetServerInfo"


def preflight(gateway: Gateway, origin: str) -> Answer:
    return gateway.rest(
        "OPTIONS",
        INFO,
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers="content-type,x-grpc-web",
    )


def test_no_other_origin_may_call_unless_it_is_switched_on(gateway: Gateway) -> None:
    """A page that a user happens to visit must not read the local warehouse."""
    assert not [name for name in preflight(gateway, "http://localhost:5173").headers if "allow" in name]
    answer = gateway.rest("GET", "/api/experiments", origin="http://localhost:5173")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", ["http://localhost:5173", "https://localhost", "http://127.0.0.1:3000"])
def test_a_localhost_origin_may_call_where_it_is_switched_on(origin: str, cors: Gateway) -> None:
    """A web client under development runs on a port of its own."""
    allowed = preflight(cors, origin).headers
    assert allowed["access-control-allow-origin"] == origin
    assert "x-grpc-web" in allowed["access-control-allow-headers"]
    answer = cors.rest("GET", "/api/experiments/nowhere", origin=origin)
    assert answer.headers["access-control-allow-origin"] == origin
    assert "grpc-status-details-bin" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin", ["https://example.com", "http://localhost.example.com", "http://evil.com:80/localhost"]
)
def test_other_origins_may_not_call_even_then(origin: str, cors: Gateway) -> None:
    """`localhost` as a part of a name is not localhost."""
    assert "access-control-allow-origin" not in preflight(cors, origin).headers


@pytest.fixture(scope="module")
def cors(running: Mesh, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    where = addresses(schema=running.address("schema"))
    with gateway_process(tmp_path_factory.mktemp("cors"), "--cors", "true", *where) as (gateway, _):
        yield gateway
