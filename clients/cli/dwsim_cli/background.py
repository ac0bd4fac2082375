"""A stack in the background: a process of its own that outlives the command that started it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dwsim_cli.faults import OperationFailed
from local_stack.lock import holder
from local_stack.record import StackRecord

POLL_SECONDS = 0.1
START_SECONDS = 90.0
STOP_SECONDS = 120.0


def start(data_dir: Path, arguments: Sequence[str]) -> StackRecord:
    """Start `dw-sim up` in the background and wait until its services are healthy."""
    logs = data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "dwsim_cli.main", "up", "--json", "--quiet", *arguments]
    with (logs / "stack.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        record = StackRecord.read(data_dir)
        if record and record.pid == process.pid:
            return record
        if process.poll() is not None:
            raise _failure(logs / "stack.log")
        time.sleep(POLL_SECONDS)
    process.terminate()
    raise OperationFailed(f"the stack was not healthy within {START_SECONDS:g} s", hint=f"its logs are in {logs}")


def stop(data_dir: Path) -> int | None:
    """Stop the stack that runs on `data_dir` and wait until it is gone; answers its process, None where none ran."""
    pid = holder(data_dir)
    if not pid:
        return None
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while holder(data_dir) == pid:
        if time.monotonic() > deadline:
            raise OperationFailed(f"process {pid} did not stop within {STOP_SECONDS:g} s", hint=f"`kill -9 {pid}`")
        time.sleep(POLL_SECONDS)
    return pid


def _failure(log: Path) -> OperationFailed:
    """Why a background stack ended: the error that it printed as its last line."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""]
    try:
        error = json.loads(lines[-1])["error"]
    except (ValueError, KeyError, TypeError):
        return OperationFailed(f"the stack ended at its start: {lines[-1]}", hint=f"its log is {log}")
    return OperationFailed(error["message"], reason=error["reason"], hint=error["hint"])
