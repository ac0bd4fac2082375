"""Runs a module in this process so that it ends with its parent: `python -m local_stack.leash PARENT MODULE ARGS…`.

The kernel sends SIGTERM when the parent dies, however it dies; a preexec function could deadlock where threads run.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> None:
    """Tie this process to its parent, then become the module."""
    parent, module, *arguments = argv
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != int(parent):  # it died before the kernel was asked
            sys.exit(1)
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *arguments])  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    main(sys.argv[1:])
