"""Runs a command in this process so that it ends with its parent: `python leash.py PARENT SIGNAL ACCOUNT COMMAND…`.

The kernel sends SIGNAL when the parent dies, however it dies; a preexec function could deadlock where threads run.
ACCOUNT is `-`, or the uid:gid to become first: changing them would undo what the kernel was told. This file is run by
its path and imports nothing of ours, so that it costs a service nothing at its start.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
SAME_ACCOUNT = "-"


def leashed(command: Sequence[str], *, end: signal.Signals = signal.SIGTERM, account: str = SAME_ACCOUNT) -> list[str]:
    """Command that runs `command` tied to this process."""
    return [sys.executable, "-P", __file__, str(os.getpid()), str(int(end)), account, *command]


def main(argv: list[str]) -> None:
    """Tie this process to its parent, then become the command."""
    parent, end, account, *command = argv
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None
    if account != SAME_ACCOUNT:
        uid, gid = map(int, account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if prctl:
        prctl(PR_SET_PDEATHSIG, int(end), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before the kernel was asked
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - a program that the stack names


if __name__ == "__main__":
    main(sys.argv[1:])
