"""The tests' own tools: nothing that a test starts outlives it."""

import subprocess
import sys
from pathlib import Path

import psutil

from tests.processes import wait_for

STARTER = """
import sys, time
from pathlib import Path
from tests.processes import ServiceProcess
process = ServiceProcess("schema", Path(sys.argv[1]))
process.address()
print(process.process.pid, flush=True)
time.sleep(600)
"""


def test_services_end_with_a_test_process_that_is_killed(tmp_path: Path) -> None:
    """A supervisor that kills a stuck test must not leave services behind that hold ports and memory."""
    command = [sys.executable, "-c", STARTER, str(tmp_path / "data")]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as starter:
        assert starter.stdout
        service = psutil.Process(int(starter.stdout.readline()))
        starter.kill()
    wait_for(lambda: not service.is_running() or service.status() == psutil.STATUS_ZOMBIE, "the service to end", 20)
