"""The end of a service process."""

import subprocess
import sys

SCRIPT = """
import atexit, threading, time
from dwsim_wire.entry import end_process
atexit.register(print, "registered for the end")
threading.Thread(target=time.sleep, args=(600,)).start()
print("drained")
end_process(3)
"""


def test_a_drained_process_ends_at_once() -> None:
    """Whoever restarts a service waits for its end; what was written and registered is not lost by it."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.splitlines() == ["drained", "registered for the end"]
