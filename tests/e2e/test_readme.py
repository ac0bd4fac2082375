"""The README is true: its commands run as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
# This very test runs inside of `make test`; the demo's own test runs it at 1:50.
ELSEWHERE = {"make test", "make demo"}


def commands() -> list[str]:
    joined = [block.replace("\\\n", " ") for block in BLOCKS]
    return [line for block in joined for line in block.splitlines() if line.strip() and line not in ELSEWHERE]


@pytest.mark.xdist_group("demo")
def test_the_commands_of_the_readme_succeed_one_after_the_other(tmp_path: Path) -> None:
    """A first command that fails is the last one a stranger types."""
    assert len(commands()) >= 5
    script = "\n".join(["set -euo pipefail", "trap 'jobs -p | xargs -r kill; wait' EXIT", *commands()])
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{ROOT / 'build/go'}:{os.environ['PATH']}",
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
