"""The README is true: its commands run as they are written."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest

from generator_svc.core.engine_version import ENGINE_VERSION
from local_stack import cluster

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
# This very test runs inside of `make test`; the demo's own test runs it at 1:50.
ELSEWHERE = {"make test", "make demo"}


def commands() -> list[str]:
    joined = [block.replace("\\\n", " ") for block in BLOCKS]
    return [line for block in joined for line in block.splitlines() if line.strip() and line not in ELSEWHERE]


def test_the_rows_that_the_readme_shows_are_of_this_engine_version() -> None:
    """Another version makes other rows: whoever raises it runs the demo and shows these."""
    assert f"rows are those of engine version {ENGINE_VERSION}," in (ROOT / "README.md").read_text()


@pytest.mark.xdist_group("demo")
def test_the_commands_of_the_readme_succeed_one_after_the_other(tmp_path: Path) -> None:
    """A first command that fails is the last one a stranger types."""
    lines = commands()
    doors = {"grpcurl ", "curl ", "psql ", "dw-sim "}
    assert {door for line in lines for door in doors if line.startswith(door)} == doors
    up = lines.index("dw-sim up --detach") + 1
    try:
        run(lines[:up], tmp_path)
        run(lines[up:], tmp_path, as_printed(tmp_path))
    finally:
        run(["dw-sim down"], tmp_path)


def as_printed(tmp_path: Path) -> dict[str, str]:
    """Addresses of the README, and those that `dw-sim up` prints where another program has the default ports."""
    record = json.loads((tmp_path / "data/stack.json").read_text())
    gateway = record["addresses"]["gateway"].rpartition(":")[2]
    redshift = urlsplit(record["warehouses"]["redshift"]).port
    return {":8000": f":{gateway}", ":5439/": f":{redshift}/"}


def run(lines: list[str], tmp_path: Path, replaced: Mapping[str, str] = MappingProxyType({})) -> None:
    """Run commands in a shell that stops at the first that fails."""
    script = "\n".join(["set -euo pipefail", *lines])
    for written, real in replaced.items():
        script = script.replace(written, real)
    path = [Path(sys.executable).parent, ROOT / "build/go", cluster.binaries(), os.environ["PATH"]]
    environment = os.environ | {
        "PATH": ":".join(map(str, path)),
        "DW_SIMULATOR_DATA_DIR": str(tmp_path / "data"),
    }
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_help_lists_every_target() -> None:
    """A target that nobody finds does not exist."""
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in phony.group(1).split():
        assert f"make {target} " in shown
