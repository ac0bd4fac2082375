"""One embedded stack for every process that uses its data directory; it ends when the last of them has.

Every user holds a shared lock on a file; the process that runs the stack (`dwsim.host`) ends it once it gets that lock
for itself. The kernel gives locks back however a process ends, so nothing is left behind by one that was killed.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dwsim.faults import StackFailed
from dwsim_wire.settings import ENV_PREFIX
from local_stack.record import StackRecord

USERS, STARTING, KEEP = "users.lock", "starting.lock", "keep"
LINGER_SECONDS = 5.0
"""For the next session of who runs tests again and again."""
_attached: dict[tuple[int, Path], int] = {}
"""Open files with our locks, by process: a forked child needs its own."""


def client_dir(data_dir: Path) -> Path:
    """Where users of a data directory meet."""
    return data_dir / "client"


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock of a file; whoever comes meanwhile waits."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def attach(data_dir: Path, stand_in: str, *, keep: bool = False, linger: float = LINGER_SECONDS) -> StackRecord:
    """Use the stack that runs on `data_dir` until this process ends; start it where none does.

    A stack that somebody else started there is used too, and never ended. With `keep` ours outlives its users;
    else it ends `linger` seconds after the last of them.
    """
    meeting = client_dir(data_dir)
    meeting.mkdir(parents=True, exist_ok=True)
    key = os.getpid(), meeting
    if key not in _attached:
        users = os.open(meeting / USERS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(users, fcntl.LOCK_SH)  # waits for a stack that is ending
        _attached[key] = users
    with exclusive(meeting / STARTING):
        record = StackRecord.read(data_dir) or _start(data_dir, stand_in, linger)
        if keep:
            (meeting / KEEP).touch()
    return record


def _start(data_dir: Path, stand_in: str, linger: float) -> StackRecord:
    """Start a host in the background and wait until its services are healthy."""
    log_file = client_dir(data_dir) / "host.log"
    command = [sys.executable, "-P", "-m", "dwsim.host", "--data-dir", str(data_dir), "--warehouse", stand_in]
    command += ["--linger", str(linger)]
    with log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            cwd=data_dir,
            env=embedded(os.environ),
        )
    assert process.stdout
    with process.stdout:
        line = process.stdout.readline()
    if not line:
        raise StackFailed("the embedded stack ended at its start", hint=f"its log is {log_file}")
    answer = json.loads(line)
    if "error" in answer:
        process.wait()
        raise StackFailed(**answer["error"])
    record = StackRecord.read(data_dir)
    if record is None:
        raise StackFailed("the embedded stack ended as soon as it was ready", hint=f"its log is {log_file}")
    threading.Thread(target=process.wait, name="dwsim-host", daemon=True).start()  # it leaves no zombie behind
    return record


def embedded(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out what would point the stack at servers that are not its own."""
    return {name: value for name, value in environment.items() if not name.startswith(ENV_PREFIX)}
