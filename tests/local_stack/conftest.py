"""Stacks of two stand-in services, and a running Redshift stand-in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack import LocalStack, ServiceSpec
from tests.postgres import postgres
from tests.processes import free_ports

__all__ = ["postgres"]
NAMES = ("schema", "generator")
Build = Callable[..., LocalStack]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Makes stacks of two stand-ins; `behave` says how each behaves."""
    modules = tmp_path / "modules"
    modules.mkdir()
    for name in NAMES:
        code = f"import sys\nfrom stand_in import main\nsys.exit(main({name!r}))\n"
        (modules / f"{name}_stand_in.py").write_text(code)
    path = f"{modules}:{Path(__file__).parent}"

    def make(*, behave: dict[str, str] | None = None, defaults: list[int] | None = None, **facts: object) -> LocalStack:
        ports = defaults or free_ports(2)
        services = [ServiceSpec(n, f"{n}_stand_in", port) for n, port in zip(NAMES, ports, strict=True)]
        environment = {"PYTHONPATH": path} | {f"STAND_IN_{k.upper()}": v for k, v in (behave or {}).items()}
        facts = {"drain_seconds": 10.0} | facts
        return LocalStack(tmp_path / "data", services=services, environment=environment, **facts)  # type: ignore[arg-type]  # the facts of LocalStack

    return make
