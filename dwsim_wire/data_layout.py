"""The layout of the data directory: its VERSION file says that a directory is ours, and which version made it."""

import contextlib
import json
import tempfile
from pathlib import Path

from dwsim_wire.fault import Fault

DATA_LAYOUT = 1
LAYOUT_FILE = "VERSION"


class DataDirectoryNewer(Fault):
    """The data directory was made by a newer version."""

    reason = "DATA_DIRECTORY_NEWER"


class DataDirectoryCorrupt(Fault):
    """The data directory or a database in it cannot be read."""

    reason = "DATA_DIRECTORY_CORRUPT"


def claim_data_dir(data_dir: Path) -> None:
    """Check that this version can use the data directory; mark a new one."""
    mark = data_dir / LAYOUT_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not mark.exists():
            _write_once(mark, json.dumps({"layout": DATA_LAYOUT}))
    except OSError as error:
        raise DataDirectoryCorrupt(
            f"the data directory cannot be used: {error.strerror}", hint="name a directory that can be written"
        ) from error
    check_layout(data_dir)


def check_layout(data_dir: Path) -> int | None:
    """Layout of a data directory that this version may change; None where it is not marked."""
    try:
        layout = int(json.loads((data_dir / LAYOUT_FILE).read_text())["layout"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DataDirectoryCorrupt(
            "the VERSION file of the data directory cannot be read",
            hint=f'name another directory, or write {{"layout": {DATA_LAYOUT}}} into it if it is this version\'s',
        ) from error
    except OSError as error:
        raise DataDirectoryCorrupt(
            f"the data directory cannot be used: {error.strerror}", hint="name a directory that can be read"
        ) from error
    if layout > DATA_LAYOUT:
        raise DataDirectoryNewer(
            f"the data directory has layout {layout}; this version knows {DATA_LAYOUT}",
            hint="use the version that made it, or another data directory",
        )
    return layout


def _write_once(path: Path, text: str) -> None:
    """Create `path` whole or leave it as another process made it; nobody ever reads half of it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as whole:
        whole.write(text)
        whole.flush()
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(whole.name)
