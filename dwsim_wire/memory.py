"""How a process keeps the memory of its messages."""

import ctypes

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
