"""The lease on a data directory: one generator appends to its log, and a killed one lets go at once."""

import fcntl
from pathlib import Path

from dwsim_wire.fault import Unavailable


class Lease:
    """A lock that the operating system frees when its holder ends, however that happens."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Unavailable(
                "another generator uses this data directory", hint="stop it, or name another directory"
            ) from None

    def release(self) -> None:
        """Let go."""
        self._file.close()
