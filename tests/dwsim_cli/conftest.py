"""The command line as a user has it: words in, exit code and two streams out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dwsim_cli.main import main


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
