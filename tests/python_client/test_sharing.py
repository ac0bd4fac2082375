"""The stack behind `dwsim.warehouse`: whose it is, when it ends, what it says when it cannot start."""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import dwsim
import pytest
from dwsim import sharing
from dwsim.host import Users

from dwsim_cli import background
from local_stack.lock import holder
from tests.processes import wait_for

USER = """
import sys
from pathlib import Path
from dwsim.sharing import attach
print(attach(Path(sys.argv[1]), "sqlite", keep=len(sys.argv) > 2, linger=0.5).pid, flush=True)
sys.stdin.read()
"""

LOCKS = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_SH)
print("here", flush=True)
sys.stdin.read()
"""


def user(directory: Path, *flags: str) -> subprocess.Popen[str]:
    """A process that uses the stack of a directory until its standard input ends."""
    command = [sys.executable, "-c", USER, str(directory), *flags]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_a_directory_is_free_when_its_last_user_has_gone_however_that_one_went(tmp_path: Path) -> None:
    """The kernel counts, so that nobody can forget to say goodbye."""
    present = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOCKS, str(tmp_path / sharing.USERS), stdin=PIPE, stdout=PIPE
    )
    assert present.stdout
    assert await present.stdout.readline() == b"here\n"
    users = Users(tmp_path)
    assert not users.shut_out()
    (tmp_path / sharing.KEEP).touch()
    present.kill()
    await present.wait()
    assert not users.shut_out()
    (tmp_path / sharing.KEEP).unlink()
    await asyncio.wait_for(users.gone(0), 60)
    newcomer = os.open(tmp_path / sharing.USERS, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(newcomer, fcntl.LOCK_SH | fcntl.LOCK_NB)
    users.let_in()
    fcntl.flock(newcomer, fcntl.LOCK_SH | fcntl.LOCK_NB)
    os.close(newcomer)


@pytest.mark.slow
def test_a_stack_ends_after_its_last_user_however_that_one_ends(tmp_path: Path) -> None:
    """Eight processes must not stay behind a test session that was killed, nor go while somebody is at work."""
    directory = tmp_path / "data"
    with user(directory) as first, user(directory) as second:
        assert first.stdout
        assert second.stdout
        pid = int(first.stdout.readline())
        assert int(second.stdout.readline()) == pid
        first.communicate()
        assert holder(directory) == pid
        second.send_signal(signal.SIGKILL)
    wait_for(lambda: holder(directory) is None, "the stack to end")


@pytest.mark.slow
def test_a_stack_that_is_kept_ends_when_it_is_told_to(tmp_path: Path) -> None:
    """For who runs the same tests again and again; `dw-sim down` ends it."""
    directory = tmp_path / "data"
    with user(directory, "keep") as only:
        pid = int(only.communicate()[0])
    try:
        assert (sharing.client_dir(directory) / sharing.KEEP).exists()
        assert holder(directory) == pid
    finally:
        assert background.stop(directory) == pid
    assert not (sharing.client_dir(directory) / sharing.KEEP).exists()


def test_a_stack_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The reason of the stack, not a broken pipe."""
    (tmp_path / "VERSION").write_text(json.dumps({"layout": 99}))
    with pytest.raises(dwsim.StackFailed) as caught:
        sharing.attach(tmp_path, "sqlite")
    assert caught.value.reason == "DATA_DIRECTORY_NEWER"


def test_servers_that_the_environment_names_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must never load into the cluster that a shell points to."""
    monkeypatch.setenv("DW_SIMULATOR_REDSHIFT_URL", "postgresql://me@production/dwh")
    assert not [name for name in sharing.embedded(os.environ) if name.startswith("DW_SIMULATOR_")]
