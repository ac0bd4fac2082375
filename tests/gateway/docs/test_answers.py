"""What the gateway answers over REST is what the OpenAPI document promises: the schemas, and the content types."""

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from gateway.docs import OPENAPI

pytestmark = pytest.mark.xdist_group("gateway")

DOCUMENT: dict[str, Any] = json.loads(OPENAPI.read_text())
KNOWN: Registry[Any] = Registry().with_resource("doc:", DRAFT202012.create_resource(DOCUMENT))
DDL = "CREATE TABLE orders (order_id BIGINT PRIMARY KEY, amount DECIMAL(10,2), d DATE, note VARCHAR(40))"


class Rest:
    """A REST client that checks every answer against the document."""

    def __init__(self, stack_url: str) -> None:
        self._gateway = stack_url

    def __call__(self, verb: str, path: str, body: object = None, **names: object) -> list[dict[str, Any]]:
        """Call an operation of the document; answers the messages, one unless it streams."""
        request = urllib.request.Request(
            self._gateway + path.format(**names),
            method=verb.upper(),
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text, content_type = answer.read().decode(), answer.headers["content-type"].split(";")[0]
        promised = DOCUMENT["paths"][path][verb]["responses"]["200" if answer.status == 200 else "default"]["content"]
        assert content_type in promised, text
        messages = text.splitlines() if content_type == "application/x-ndjson" else [text]
        return [self._checked(json.loads(message), promised[content_type]["schema"]["$ref"]) for message in messages]

    def _checked(self, message: dict[str, Any], schema: str) -> dict[str, Any]:
        OAS31Validator({"$ref": f"doc:{schema}"}, registry=KNOWN).validate(message)
        # a schema allows what it does not name; the document must not
        assert set(message) <= set(DOCUMENT["components"]["schemas"][schema.rpartition("/")[2]]["properties"])
        return message


@pytest.fixture
def rest(stack_url: str) -> Rest:
    """The REST door of a running stack."""
    return Rest(stack_url)


def test_answers_have_the_documented_form_all_along_the_main_job(rest: Rest) -> None:
    """Clients that are generated from the document must be able to read every answer."""
    name = f"rest_{uuid.uuid4().hex}"
    experiment = "/api/experiments/{experiment}"
    rest("post", "/api/experiments/import-sql", {"name": name, "sql": DDL, "target_rows": 100})
    rest("get", "/api/experiments/{name}", name=name)
    rest("get", "/api/experiments")
    [started] = rest("post", experiment + "/generate", {"wait": True}, experiment=name)
    run_id = started["run_id"]
    rest("get", "/api/runs/{run_id}", run_id=run_id)
    assert len(rest("get", "/api/runs/{run_id}/watch", run_id=run_id)) == 1
    assert len(rest("get", "/api/events")) > 3
    rest("get", experiment + "/tables/{table}/preview", experiment=name, table="orders")
    rest("get", "/api/loads")
    rest("get", "/api/warehouses")


@pytest.mark.parametrize("service", ["schema", "generator", "loader", "query"])
def test_every_service_describes_itself(service: str, rest: Rest) -> None:
    """One call to each: a path that leads to the wrong service answers too."""
    [answer] = rest("get", f"/api/servers/{service}")
    assert answer["server"]["service"] == service


def test_errors_have_the_documented_form(rest: Rest) -> None:
    """Code, message, reason and hint reach a REST client as they reach a gRPC one."""
    [error] = rest("get", "/api/experiments/{name}", name="nowhere")
    assert error["code"] == 5
    [info] = error["details"]
    assert (info["reason"], info["domain"]) == ("UNKNOWN_EXPERIMENT", "dwsim")
    assert info["metadata"]["hint"]
