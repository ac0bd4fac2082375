"""The contract keeps its own rules: REST paths, streams, comments, reasons."""

import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest
from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from dwsim_wire.errors import COMMON_STATUSES
from dwsim_wire.fault import Fault

SERVICES = ["schema", "generator", "loader", "query"]
PROTOS = Path(__file__).parents[2] / "protos/dwsim"


def descriptor(service: str) -> ServiceDescriptor:
    module = importlib.import_module(f"dwsim.{service}.v1.{service}_service_pb2")
    found: ServiceDescriptor = module.DESCRIPTOR.services_by_name[f"{service.capitalize()}Service"]
    return found


def http_rules(method: MethodDescriptor) -> list[http_pb2.HttpRule]:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    return [rule, *rule.additional_bindings] if rule.WhichOneof("pattern") else []


@pytest.mark.parametrize("service", SERVICES)
def test_every_rpc_has_a_rest_path_and_streams_one_way_at_most(service: str) -> None:
    """curl and gRPC-web clients must reach everything."""
    for method in descriptor(service).methods:
        assert http_rules(method), f"{method.full_name} has no google.api.http annotation"
        assert not method.client_streaming, f"{method.full_name} streams from the client; gRPC-web cannot"


def test_no_two_rpcs_share_a_rest_path() -> None:
    """Envoy would answer with whichever comes first."""
    seen: dict[tuple[str, str], str] = {}
    for method in (m for service in SERVICES for m in descriptor(service).methods):
        for rule in http_rules(method):
            verb = rule.WhichOneof("pattern")
            assert verb is not None
            path = re.sub(r"\{[^}]*\}", "{}", getattr(rule, verb))
            assert seen.setdefault((verb, path), method.full_name) == method.full_name, (verb, path)


REPEATABLE = {"RunQuery", "ExportQuery", "DropExperiment", "UpdateLoadPlan", "ReportLoaded", "PauseIngest"}
"""Rpcs that change something, and the same thing when they are called again."""


def test_what_only_reads_says_so_and_nothing_else_does() -> None:
    """The gateway sends such calls again when a service breaks off; another one would be done twice."""
    reads = (
        "Get",
        "List",
        "Watch",
        "Describe",
        "Preview",
        "Translate",
        "Explain",
        "Check",
        "Compare",
        "Locate",
        "Validate",
    )
    for method in (m for service in SERVICES for m in descriptor(service).methods):
        level = method.GetOptions().idempotency_level
        only_reads = method.name.startswith(reads) or method.name == "ExportExperiment"
        assert (level == MethodOptions.NO_SIDE_EFFECTS) == only_reads, method.full_name
        if level == MethodOptions.IDEMPOTENT:
            assert method.name in REPEATABLE, method.full_name


@pytest.mark.parametrize("service", SERVICES)
def test_every_rpc_comment_lists_its_errors(service: str) -> None:
    """Whoever calls an rpc must know how it fails."""
    text = (PROTOS / f"{service}/v1/{service}_service.proto").read_text()
    for comment, name in re.findall(r"((?:  //.*\n)+)  rpc (\w+)", text):
        assert comment.strip().startswith(f"// {name} "), f"{name}'s comment does not begin with its name"
        assert "// Errors include:" in comment, f"{name}'s comment does not list its errors"


def modules_of(package: str) -> list[ModuleType]:
    root = importlib.import_module(package)
    names = [m.name for m in pkgutil.walk_packages(root.__path__, f"{package}.")]
    return [importlib.import_module(name) for name in names if ".migrations" not in name and "__main__" not in name]


def faults_of(package: str) -> set[type[Fault]]:
    """Fault classes that a package defines; those without a reason of their own only group others."""
    found = {v for m in modules_of(package) for v in vars(m).values() if isinstance(v, type) and issubclass(v, Fault)}
    return {fault for fault in found if fault.__module__.startswith(package) and "reason" in vars(fault)}


@pytest.mark.parametrize("service", SERVICES)
def test_every_fault_has_a_reason_of_the_contract_and_a_status(service: str) -> None:
    """A reason that is not in the enum cannot be switched on; a fault without status would be INTERNAL."""
    reasons = importlib.import_module(f"dwsim.{service}.v1.error_reason_pb2").ErrorReason.keys()
    statuses = {**COMMON_STATUSES, **importlib.import_module(f"{service}_svc.service").STATUS}
    for fault in faults_of(f"{service}_svc"):
        assert fault.reason in reasons, f"{fault.__qualname__}.reason {fault.reason} is not in ErrorReason"
        assert any(cls in statuses for cls in fault.__mro__), f"{fault.__qualname__} has no status"
