"""The Snowflake stand-in: fakesnow in an environment of its own, whose pins conflict with those of the services.

The environment is made on first use, from the pins in `fakesnow.txt`; the process then becomes the emulator.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from dwsim_wire.fault import Fault
from local_stack.cluster import PASSWORD, USER
from local_stack.own_environment import OwnEnvironment

HOST = "127.0.0.1"
DATABASE = "DW_SIMULATOR"
EMULATOR = Path(__file__).parent / "snowflake_emulator.py"
ENVIRONMENT = OwnEnvironment("fakesnow", Path(__file__).parent / "fakesnow.txt", "Snowflake's emulator")


def url(port: int) -> str:
    """How a client reaches the stand-in."""
    return f"snowflake://{USER}:{PASSWORD}@{HOST}:{port}/{DATABASE}"


def main(argv: Sequence[str]) -> NoReturn:
    """Become the emulator; the exit code is 1 where it cannot be made."""
    try:
        python = ENVIRONMENT.prepare()
    except Fault as fault:
        sys.stderr.write(f"{fault.message}\n" + (f"hint: {fault.hint}\n" if fault.hint else ""))
        sys.exit(1)
    os.execv(python, [str(python), "-P", str(EMULATOR), *argv])  # noqa: S606 - the environment's Python


if __name__ == "__main__":
    main(sys.argv[1:])
