"""stack.json: where a running stack's services are. Only worth reading while the stack's lock is held."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from local_stack.lock import holder

RECORD_FILE = "stack.json"


@dataclass(frozen=True)
class StackRecord:
    """A running stack, as it tells of itself."""

    pid: int
    addresses: Mapping[str, str]
    pids: Mapping[str, int]
    version: str
    warehouses: Mapping[str, str] = field(default_factory=dict)
    """Embedded warehouses and where every client finds them."""
    storage: Mapping[str, str] = field(default_factory=dict)
    """Embedded stores of staged files, the same way."""

    def write(self, data_dir: Path) -> None:
        """Publish the record at once and whole."""
        partial = data_dir / f".{RECORD_FILE}.{os.getpid()}"
        partial.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        partial.replace(data_dir / RECORD_FILE)

    @staticmethod
    def remove(data_dir: Path) -> None:
        """Withdraw the record."""
        (data_dir / RECORD_FILE).unlink(missing_ok=True)

    @classmethod
    def read(cls, data_dir: Path) -> "StackRecord | None":
        """Record of the stack that runs on `data_dir`; None where none does, whatever a killed one left behind."""
        if holder(data_dir) is None:
            return None
        try:
            return cls(**json.loads((data_dir / RECORD_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
