"""Failpoints: named places where a test makes a process die or stand still, or a disk fill up.

Unarmed, they cost a dictionary look-up.

Armed from text such as `generator.after_file=kill@3;generator.write=enospc@2`: the third time the first place is
reached the process kills itself (or, with `stop`, stands still until SIGCONT), the second time the second place is
reached it raises ENOSPC.
"""

import errno
import os
import signal
import threading
from collections import Counter

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_armed: dict[str, tuple[str, int]] = {}
_reached: Counter[str] = Counter()
_lock = threading.Lock()


def arm(text: str) -> None:
    """Arm the failpoints that `text` lists; an empty text disarms all."""
    with _lock:
        _armed.clear()
        _reached.clear()
        for item in filter(None, (part.strip() for part in text.split(";"))):
            name, _, action = item.partition("=")
            kind, _, count = action.partition("@")
            if kind not in {*_SIGNALS, "enospc"}:
                raise ValueError(f"failpoint {name!r} has action {kind!r}; it takes kill, stop or enospc")
            _armed[name] = (kind, int(count or 1))


def reach(name: str) -> None:
    """Do what is armed for `name`, if anything."""
    if name not in _armed:
        return
    with _lock:
        _reached[name] += 1
        kind, count = _armed[name]
        due = _reached[name] == count
    if not due:
        return
    if kind in _SIGNALS:
        os.kill(os.getpid(), _SIGNALS[kind])
        return
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
