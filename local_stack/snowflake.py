"""The Snowflake stand-in: fakesnow in an environment of its own, whose pins conflict with those of the services.

`prepare` makes the environment on first use, from the pins in `fakesnow.txt`; the process then becomes the emulator.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from dwsim_wire.fault import Fault
from local_stack.cluster import PASSWORD, USER
from local_stack.faults import ServerFailed

HOST = "127.0.0.1"
DATABASE = "DW_SIMULATOR"
PINS = Path(__file__).parent / "fakesnow.txt"
EMULATOR = Path(__file__).parent / "snowflake_emulator.py"
READY = "ready"
INSTALL_SECONDS = 600
Say = Callable[[str], None]


def url(port: int) -> str:
    """How a client reaches the stand-in."""
    return f"snowflake://{USER}:{PASSWORD}@{HOST}:{port}/{DATABASE}"


def place() -> Path:
    """Where the environment is: one for each Python and list of pins, for all data directories."""
    facts = hashlib.blake2s(PINS.read_bytes()).hexdigest()[:8]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "dw-simulator")
    return cache / f"fakesnow-py{sys.version_info.major}{sys.version_info.minor}-{facts}"


def prepare(say: Say = lambda _line: None) -> Path:
    """Make the environment unless it is there; answer its Python. Whoever comes meanwhile waits."""
    home = place()
    python = home / "bin/python"
    if (home / READY).exists():
        return python
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with home.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (home / READY).exists():
                say("making the environment of Snowflake's emulator, once ...")
                shutil.rmtree(home, ignore_errors=True)
                _install(home, python)
                (home / READY).touch()
    except OSError as error:
        raise ServerFailed(f"the environment of Snowflake's emulator cannot be made: {error.strerror}") from error
    return python


def _install(home: Path, python: Path) -> None:
    """Install the pins, with uv where it is at hand."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    pip = [uv, "pip", "install", "-q", "--python", str(python)] if uv else [str(python), "-m", "pip", "install", "-q"]
    without = ["--without-pip"] if uv else []
    _run([sys.executable, "-m", "venv", *without, str(home)])
    _run([*pip, "--no-deps", "-r", str(PINS)])


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - Python and its installer
            command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise ServerFailed(
            f"Snowflake's emulator was not installed within {INSTALL_SECONDS} s", hint="is a package index reachable?"
        ) from None
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.strip()]
        raise ServerFailed(
            "Snowflake's emulator cannot be installed" + (f": {lines[-1].strip()}" if lines else ""),
            hint=f"the packages are in {PINS.name}; is a package index reachable?",
        ) from None


def main(argv: Sequence[str]) -> NoReturn:
    """Become the emulator; the exit code is 1 where it cannot be made."""
    try:
        python = prepare()
    except Fault as fault:
        sys.stderr.write(f"{fault.message}\n" + (f"hint: {fault.hint}\n" if fault.hint else ""))
        sys.exit(1)
    os.execv(python, [str(python), "-P", str(EMULATOR), *argv])  # noqa: S606 - the environment's Python


if __name__ == "__main__":
    main(sys.argv[1:])
