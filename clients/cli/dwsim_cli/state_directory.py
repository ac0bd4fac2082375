"""The data directory as a whole: what in it is ours, so that nothing else is ever deleted."""

import shutil
from collections.abc import Container
from pathlib import Path

from dwsim_cli.faults import NotOurDirectory
from dwsim_wire.data_layout import LAYOUT_FILE, check_layout
from local_stack.lock import LOCK_FILE
from local_stack.record import RECORD_FILE

OURS = ("metadata", "staging", "warehouses", "numba", "logs", "client", RECORD_FILE, LOCK_FILE, LAYOUT_FILE)
"""In the order of deletion: the mark that the directory is ours goes last, so that a reset can be repeated."""


def check_ours(data_dir: Path) -> None:
    """Refuse a directory that holds what we would delete, but not the mark of a version that we know."""
    if check_layout(data_dir) is not None:
        return
    found = [name for name in OURS if name != LOCK_FILE and (data_dir / name).exists()]
    if found:
        raise NotOurDirectory(
            f"{data_dir} has no {LAYOUT_FILE} file: {', '.join(found)} in it may be somebody else's",
            hint="name the data directory of DW Simulator, or delete by hand what is to go",
        )


def remove_state(data_dir: Path, *, keep: Container[str] = ()) -> list[str]:
    """Delete what DW Simulator made in `data_dir`, and the directory where nothing else is in it."""
    check_ours(data_dir)
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
