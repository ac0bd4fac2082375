"""The probe that containers' health checks run."""

import subprocess
import sys
from pathlib import Path

from tests.processes import service_process


def probe(address: str) -> int:
    command = [sys.executable, "-P", "-m", "dwsim_wire.probe", address]
    return subprocess.run(command, timeout=30, check=False).returncode


def test_the_probe_succeeds_exactly_while_the_service_serves(tmp_path: Path) -> None:
    """A check that is always green hides an outage; one that is always red restarts for ever."""
    with service_process("schema", tmp_path / "data") as process:
        address = process.address()
        assert probe(address) == 0
        process.stop()
        assert probe(address) == 1
