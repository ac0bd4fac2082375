"""One stack per data directory: an advisory lock that dies with its process."""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from local_stack.faults import AlreadyRunning

LOCK_FILE = "stack.lock"


class DirectoryLock:
    """Held from `acquire` to `release`; the file names the process that holds it."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK_FILE
        self._file: TextIO | None = None

    def acquire(self) -> None:
        """Take the lock, or say which process has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            pid = holder(self._path.parent) or 0
            raise AlreadyRunning(
                f"a stack runs on {self._path.parent} already: process {pid}",
                hint=f"use it, stop it with `kill {pid}`, or name another --data-dir",
                metadata={"pid": str(pid)},
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would race with the next owner."""
        if self._file:
            self._file.truncate(0)
            self._file.close()
            self._file = None


def holder(data_dir: Path) -> int | None:
    """Process that holds the lock of `data_dir`; None where nobody does."""
    try:
        file = (data_dir / LOCK_FILE).open("r", encoding="ascii")
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or 0)
    return None
