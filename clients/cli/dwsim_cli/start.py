"""Where `dw-sim` starts: Ctrl-C while the commands are still being imported ends it without a word."""

import signal
import sys


def main() -> int:
    """Import the commands and run one."""
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else whoever started us ignores Ctrl-C
    if ours:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from dwsim_cli.main import main as run

    if ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return run()


if __name__ == "__main__":
    sys.exit(main())
