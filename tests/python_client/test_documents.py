"""README.md, docs/python.md and the example project do what they say, on the stack of these tests."""

import re
import subprocess
import sys
from pathlib import Path

import dwsim
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


@pytest.mark.parametrize("document", ["README.md", "docs/python.md"])
def test_the_python_of_a_document_runs_as_it_is_written(
    document: str, wh: dwsim.Warehouse, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first snippet that fails is the last one a stranger tries."""
    monkeypatch.setenv("DW_SIMULATOR_TEST_DIR", str(home.parent))
    monkeypatch.setenv("DW_SIMULATOR_GATEWAY_ADDRESS", wh.address)
    blocks = PYTHON.findall((ROOT / document).read_text())
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, document, "exec"), names)


@pytest.mark.slow
def test_the_example_project_passes_with_two_workers(wh: dwsim.Warehouse, home: Path) -> None:
    """Two processes ask for one warehouse at once; it is filled once."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    command += ["--dwsim-data-dir", str(home), str(ROOT / "examples/python-project")]
    before = len(wh.client.runs.list())
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout
    assert len(wh.client.runs.list()) == before + 1
