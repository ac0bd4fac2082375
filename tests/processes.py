"""Service processes for tests: started on a free port, waited for, always ended, even where the tests are killed."""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from local_stack.leash import leashed
from local_stack.ports import ANY, HeldPorts

Value = TypeVar("Value")


PROMPT_SECONDS = 5.0
"""What is done within a second, on a machine that is busy with other tests."""


def wait_for(condition: Callable[[], Value], what: str, seconds: float = 60.0) -> Value:
    """Value of `condition` as soon as it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class ServiceProcess:
    """One service in a process of its own."""

    def __init__(
        self,
        service: str,
        data_dir: Path,
        *,
        environment: Mapping[str, str] | None = None,
        python: str = sys.executable,
        port: int = 0,
        cwd: Path | None = None,
        module: str = "",
        flags: Sequence[object] = (),
    ) -> None:
        self.service = service
        self._address_file = data_dir / f"{service}.{os.urandom(4).hex()}.address"
        data_dir.mkdir(parents=True, exist_ok=True)
        self.log = data_dir / f"{service}.log"
        flags = ["--data-dir", data_dir, "--port", port, "--address-file", self._address_file, *flags]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("DW_SIMULATOR_", "PYTHON"))}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                leashed([python, "-P", "-m", module or f"{service}_svc", *map(str, flags)]),
                env=clean | {"DW_SIMULATOR_DRAIN_SECONDS": "0.2"} | dict(environment or {}),
                cwd=cwd,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def address(self) -> str:
        """Address of the service, once it serves."""
        wait_for(lambda: self._address_file.exists() or self.process.poll() is not None, f"{self.service} to serve")
        assert self._address_file.exists(), f"{self.service} ended at its start:\n{self.log.read_text()[-4000:]}"
        return self._address_file.read_text()

    def kill(self) -> None:
        """End the process at once, as a crash does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End the process as an operator does; answers its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def killed(self) -> bool:
        """True once the process was ended by SIGKILL."""
        return self.process.poll() == -signal.SIGKILL


@contextmanager
def service_process(service: str, data_dir: Path, **facts: object) -> Iterator[ServiceProcess]:
    """Start a service; end it with the block."""
    process = ServiceProcess(service, data_dir, **facts)  # type: ignore[arg-type]  # the facts of ServiceProcess
    try:
        yield process
    finally:
        process.stop()


class Mesh:
    """The four services as processes over one data directory; each can be killed and started again on its port."""

    SERVICES = ("schema", "generator", "loader", "query")

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self._environment = environment
        self.ports = dict(zip(self.SERVICES, free_ports(len(self.SERVICES)), strict=True))
        self.processes: dict[str, ServiceProcess] = {}

    def address(self, service: str) -> str:
        """Address of a service, running or not."""
        return f"127.0.0.1:{self.ports[service]}"

    def start(self, *services: str, failpoints: str = "", **environment: str) -> None:
        """Start services (all if none is named) and wait until they serve."""
        peers = {f"DW_SIMULATOR_{name.upper()}_ADDRESS": self.address(name) for name in self.SERVICES}
        for name in services or self.SERVICES:
            self.processes[name] = ServiceProcess(
                name,
                self.data_dir,
                port=self.ports[name],
                environment=self._environment | peers | {"DW_SIMULATOR_FAILPOINTS": failpoints} | environment,
            )
        for name in services or self.SERVICES:
            self.processes[name].address()

    def kill(self, service: str) -> None:
        """End a service as a crash does."""
        self.processes[service].kill()

    def stop(self) -> None:
        """End all services, at the same time: each waits for what is under way."""
        with ThreadPoolExecutor() as waiting:
            list(waiting.map(ServiceProcess.stop, self.processes.values()))


@contextmanager
def mesh(data_dir: Path, **environment: str) -> Iterator[Mesh]:
    """Start all four services; end them with the block."""
    started = Mesh(data_dir, **environment)
    try:
        started.start()
        yield started
    finally:
        started.stop()


_HELD: deque[HeldPorts] = deque()
_MOST_HELD = 100


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, nor chooses while their tests run, all different."""
    names = [str(number) for number in range(count)]
    held = HeldPorts()
    _HELD.append(held)
    if len(_HELD) > _MOST_HELD:
        _HELD.popleft().release()
    return list(held.choose(dict.fromkeys(names, "127.0.0.1"), dict.fromkeys(names, ANY), {}).values())
