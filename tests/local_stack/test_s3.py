"""The S3 stand-in as the stack runs it."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dwsim_wire import object_store
from dwsim_wire.staging import StagingRoot
from local_stack import s3 as stand_in
from tests.processes import free_ports
from tests.s3 import Server, client_of, s3_running


@pytest.mark.slow
def test_objects_outlive_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that is stopped in the evening has its staged files in the morning, and leaves no socket of its own."""
    file = StagingRoot.parse(stand_in.STAGING).child("kept")
    with s3_running(tmp_path / "state") as server, client_of(server, monkeypatch):
        bucket = object_store.open_bucket(file.bucket)
        bucket.put(file, memoryview(b"mine"))
        server.stop()
        server.start()
        assert bytes(bucket.get(file) or b"") == b"mine"
        assert [stored.place for stored in bucket.list(StagingRoot.parse(stand_in.STAGING))] == [file]
    assert not [path for path in Path("/tmp").glob("seaweedfs-*.sock") if str(server.port) in path.name]


def test_only_this_machine_reaches_any_of_its_ports(s3_server: Server) -> None:
    """Its password is known to all; nothing of it may listen to a network."""
    own = {child.pid for child in psutil.Process().children(recursive=True) if "weed" in child.name()}
    listening = [
        connection.laddr[0]
        for connection in psutil.net_connections("tcp")
        if connection.pid in own and connection.laddr and connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 8
    assert set(listening) == {stand_in.HOST}


@pytest.mark.slow
def test_a_port_that_is_taken_ends_the_stand_in_with_a_reason(s3_server: Server, tmp_path: Path) -> None:
    """The stack says which service ended and why."""
    ports = [str(s3_server.port), *map(str, free_ports(len(stand_in.INNER_PORTS)))]
    command = [sys.executable, "-m", "local_stack.s3", "--directory", str(tmp_path), "--port", ports[0]]
    command += ["--inner-ports", *ports[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ), check=False)
    assert done.returncode == 1
    assert "SeaweedFS" in done.stderr.splitlines()[-1]
