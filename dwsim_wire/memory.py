"""How a process keeps the memory of its messages."""

import ctypes
import os
import re
from pathlib import Path

_MADV_DONTNEED = 4
_SMAPS = Path("/proc/self/smaps")
_MAPPING = re.compile(
    r"^(?P<begin>[0-9a-f]+)-(?P<end>[0-9a-f]+) r-(?:x|-)p \S+ \S+ \d+ +(?P<file>/.*)\n(?:[A-Z].*\n)*?Anonymous: +0 kB$",
    re.MULTILINE,
)
"""A part of a file that can only be read, and of which no page was ever written."""
# malloc.h of glibc
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
KEPT_BYTES = 64 << 20
LARGE_BYTES = 32 << 20


def keep_freed_memory() -> None:
    """Let the allocator reuse the buffers of a stream instead of asking the kernel for zeroed pages with each message.

    By default glibc gives every freed megabyte back at once: page faults were a third of the time of a streamed query.
    At most `KEPT_BYTES` that are free stay with each heap of glibc's; blocks over `LARGE_BYTES` still go back. Another
    C library keeps its own ways.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)


def share_heaps(most: int) -> None:
    """Let threads share so many heaps; by default glibc makes eight for each processor. To be called before threads."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, most)


def give_freed_memory_back() -> None:
    """Give what is free in the heaps of all threads to the kernel: each keeps `KEPT_BYTES` of its own otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def give_libraries_back(name: str = "") -> int:
    """Let go of what was read of loaded libraries whose path has `name`; answers the bytes that were let go.

    What is used again comes from the page cache. No library of that name may be loading meanwhile: its relocations
    would be lost. Elsewhere than on Linux nothing happens.
    """
    if not _SMAPS.exists():
        return 0
    before = _resident()
    libc = ctypes.CDLL(None)
    for mapping in _MAPPING.finditer(_SMAPS.read_text()):
        if ".so" in mapping["file"] and name in mapping["file"]:
            begin, end = int(mapping["begin"], 16), int(mapping["end"], 16)
            libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), _MADV_DONTNEED)
    return max(before - _resident(), 0)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
