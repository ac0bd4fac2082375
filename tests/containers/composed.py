"""docker-compose.yml as Compose itself reads it; no engine is needed for that."""

import importlib
import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import compose

from dwsim_wire.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
# the wheel's own command loses the exit code
COMPOSE = Path(compose.__file__).parent / "docker-compose"
MESH = ("schema", "generator", "loader", "query")


def run_compose(file: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Compose on a file with all its profiles, in an environment without settings of ours."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(file.parent)}
    return subprocess.run(
        [COMPOSE, "--file", file, "--profile", "*", *arguments],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@cache
def services(**environment: str) -> dict[str, Any]:
    """Every service with its anchors, defaults and variables resolved."""
    done = run_compose(ROOT / "docker-compose.yml", "config", "--format", "json", **environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def settings_class(service: str) -> type[ServiceSettings]:
    """The settings of one of the four services."""
    module = importlib.import_module(f"{service}_svc.settings")
    found: type[ServiceSettings] = getattr(module, f"{service.capitalize()}Settings")
    return found
