"""Large texts that were only checked: a client that checks a text and then stores it has it parsed once."""

import threading
import time
from collections import OrderedDict

from schema_svc.core.record import Content

Read = tuple[Content, bytes]
_SECONDS = 120.0
_MOST_BYTES = 64 << 20
_SMALL_BYTES = 64 << 10


class CheckedTexts:
    """What texts were read as, by the fingerprint of their request; the oldest go first, and all after a while."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, int, Read]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, fingerprint: str, read: Read) -> None:
        """Keep what a large text was read as."""
        size = len(read[0].document) + len(read[0].message) + len(read[1])
        if not _SMALL_BYTES < size <= _MOST_BYTES:
            return
        with self._lock:
            self._kept[fingerprint] = (time.monotonic() + _SECONDS, size, read)
            self._forget(time.monotonic())

    def take(self, fingerprint: str) -> Read | None:
        """What the text was read as, once; None where it has to be read."""
        with self._lock:
            self._forget(time.monotonic())
            _, _, read = self._kept.pop(fingerprint, (0.0, 0, None))
            return read

    def _forget(self, now: float) -> None:
        while self._kept:
            until, _, _ = next(iter(self._kept.values()))
            if until > now and sum(size for _, size, _ in self._kept.values()) <= _MOST_BYTES:
                return
            self._kept.popitem(last=False)
