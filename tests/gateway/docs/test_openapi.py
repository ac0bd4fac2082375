"""The OpenAPI document tells of the contract: all of it, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from dwsim.generator.v1 import generator_service_pb2
from dwsim.loader.v1 import loader_service_pb2
from dwsim.query.v1 import query_service_pb2
from dwsim.schema.v1 import schema_service_pb2
from google.api import annotations_pb2
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.docs import OPENAPI

DOCUMENT: dict[str, Any] = json.loads(OPENAPI.read_text())
MODULES = (generator_service_pb2, loader_service_pb2, query_service_pb2, schema_service_pb2)
VERBS = ("get", "put", "post", "delete", "patch")


def rest_paths() -> Iterator[tuple[str, str, MethodDescriptor]]:
    """Verb and path of every rpc's bindings."""
    for method in (m for module in MODULES for s in module.DESCRIPTOR.services_by_name.values() for m in s.methods):
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        for binding in (rule, *rule.additional_bindings):
            verb = binding.WhichOneof("pattern")
            assert verb is not None
            yield verb, getattr(binding, verb), method


def test_it_is_valid() -> None:
    """Client generators refuse a document that is not."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_has_every_rest_path_of_the_contract_and_no_other() -> None:
    """An rpc that is missing here is one that REST users never find."""
    written = {(verb, path) for path, item in DOCUMENT["paths"].items() for verb in item if verb in VERBS}
    assert written == {(verb, path) for verb, path, _ in rest_paths()}


@pytest.mark.parametrize(("verb", "path", "method"), rest_paths(), ids=lambda value: str(getattr(value, "name", value)))
def test_an_operation_says_what_it_takes_answers_and_fails_with(verb: str, path: str, method: MethodDescriptor) -> None:
    """Words come from the contract's comments, so that there is one place to write them."""
    operation = DOCUMENT["paths"][path][verb]
    assert operation["summary"].startswith(f"{method.name} ")
    assert "Errors include:" in operation["description"]
    assert {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"} == {
        part.strip("{}") for part in path.split("/") if part.startswith("{")
    }
    assert operation["responses"]["default"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/google.rpc.Status"
    }
    assert ("requestBody" in operation) == (verb in {"post", "put", "patch"})


def test_fields_have_the_names_that_the_gateway_prints() -> None:
    """A document in camelCase would send users to fields that no answer has."""
    pool = descriptor_pool.Default()
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if name.startswith("dwsim.") and "properties" in schema:
            assert set(schema["properties"]) == {field.name for field in pool.FindMessageTypeByName(name).fields}, name
