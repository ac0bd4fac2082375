"""The data directory as a whole: what in it is ours, so that nothing else is ever deleted."""

import shutil
from collections.abc import Container
from pathlib import Path

from local_stack.lock import LOCK_FILE
from local_stack.record import RECORD_FILE

OURS = ("metadata", "staging", "warehouses", "numba", "logs", RECORD_FILE, LOCK_FILE, "VERSION")


def remove_state(data_dir: Path, *, keep: Container[str] = ()) -> list[str]:
    """Delete what DW Simulator made in `data_dir`, and the directory where nothing else is in it."""
    removed = []
    for name in OURS:
        if name in keep:
            continue
        entry = data_dir / name
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.exists() or entry.is_symlink():
            entry.unlink()
        else:
            continue
        removed.append(name)
    if data_dir.is_dir() and not any(data_dir.iterdir()):
        data_dir.rmdir()
    return removed
