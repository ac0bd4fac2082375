"""Fail where the committed stubs differ from what the protos generate."""

import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

STUBS = Path("protos/python")


def files(root: Path) -> set[Path]:
    """Stub files below `root`."""
    return {p.relative_to(root) for p in root.rglob("*.py*") if "__pycache__" not in p.parts}


def main() -> int:
    """Generate into a temporary folder and compare."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["buf", "generate", "-o", folder], check=True, stderr=subprocess.DEVNULL)
        fresh = Path(folder) / STUBS
        names = files(STUBS) | files(fresh)
        _, different, missing = filecmp.cmpfiles(STUBS, fresh, map(str, names), shallow=False)
    for name in sorted([*different, *missing]):
        print(f"{STUBS / name} is not what the protos generate; run `make protos`")
    return bool(different or missing)


if __name__ == "__main__":
    sys.exit(main())
