"""The command line as a user has it: words in, exit code and two streams out."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dwsim_cli.main import main

EXAMPLE = Path(__file__).parents[2] / "examples/ecommerce"
COMMAND = [sys.executable, "-m", "dwsim_cli.main"]
ANY_PORTS = [word for name in ("schema", "generator", "loader", "query") for word in (f"--{name}-port", "0")]
ROWS = {"customers": 300, "products": 40, "orders": 1000, "order_items": 3000}
ROW_FLAGS = [word for table, rows in ROWS.items() for word in ("--rows", f"{table}={rows}")]


@dataclass(frozen=True)
class Done:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as JSON; nothing else may be on it."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error that a program reads on standard error."""
        return json.loads(self.err.strip().splitlines()[-1])["error"]


DwSim = Callable[..., Done]


@pytest.fixture
def dw_sim(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DwSim:
    """Runs `dw-sim` with a data directory of its own unless the arguments name one."""
    for name in ("SCHEMA", "GENERATOR", "LOADER", "QUERY", "GATEWAY"):
        monkeypatch.delenv(f"DW_SIMULATOR_{name}_ADDRESS", raising=False)
    monkeypatch.setenv("DW_SIMULATOR_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Data directory of a running stack with the example imported, generated and loaded."""
    data = tmp_path_factory.mktemp("stack") / "data"

    def run(*arguments: object) -> None:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    at = ("--data-dir", data)
    run("up", "--detach", *at, *ANY_PORTS)
    try:
        run(*at, "experiment", "import-sql", EXAMPLE / "redshift.sql", "--name", "shop", "--target-warehouse", "sqlite")
        run(*at, "experiment", "generate", "shop", *ROW_FLAGS, "--seed", "7")
        yield data
    finally:
        run("down", *at)


@pytest.fixture
def sim(stack: Path, dw_sim: DwSim, monkeypatch: pytest.MonkeyPatch) -> DwSim:
    """`dw-sim` beside the running stack: addresses come from its stack.json."""
    monkeypatch.setenv("DW_SIMULATOR_DATA_DIR", str(stack))
    return dw_sim
