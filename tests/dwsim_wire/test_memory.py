"""Memory that goes back to the system: less is resident, and nothing is lost."""

import ctypes
import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from dwsim_wire.memory import give_libraries_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells what a process has mapped")

LIBRARY = """
import pyarrow.compute as pc
from dwsim_wire.memory import give_libraries_back
assert pc.sum([1, 2]).as_py() == 3
assert give_libraries_back("libarrow") > 1 << 20
assert pc.sum([1, 2]).as_py() == 3
assert give_libraries_back("no library") < 1 << 20
"""


def test_a_library_that_was_given_back_works_on() -> None:
    """It is the start that reads a library; a service would hold tens of megabytes that it never looks at again."""
    subprocess.run([sys.executable, "-c", LIBRARY], check=True, timeout=60)


def test_pages_that_were_written_stay(tmp_path: Path) -> None:
    """The loader writes addresses into a library's pages, then protects them: the file does not have them."""
    path = tmp_path / "written.so"
    path.write_bytes(bytes(mmap.PAGESIZE))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), mmap.PAGESIZE, mmap.MAP_PRIVATE) as mapped:
        mapped[:5] = b"fixed"
        first = ctypes.c_char.from_buffer(mapped)
        refused = ctypes.CDLL(None).mprotect(ctypes.c_void_p(ctypes.addressof(first)), mmap.PAGESIZE, mmap.PROT_READ)
        del first
        assert not refused
        give_libraries_back("written")
        assert mapped[:5] == b"fixed"
