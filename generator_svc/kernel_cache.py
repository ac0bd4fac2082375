"""Where numba keeps compiled kernels: a directory per engine source, library versions and processor.

Must be set before anything imports numba. Without the hash, an edit of a function that a kernel calls from another
file would leave the kernel's old machine code in use.
"""

import hashlib
import os
import platform
from importlib import metadata
from pathlib import Path

CORE = Path(__file__).parent / "core"
LIBRARIES = ("numba", "llvmlite", "numpy")
VARIABLE = "NUMBA_CACHE_DIR"


def use_kernel_cache(data_dir: Path) -> None:
    """Point numba at `<data_dir>/numba/<hash>`, unless the environment names a directory."""
    if VARIABLE not in os.environ:
        directory = data_dir.resolve() / "numba" / _hash()
        directory.mkdir(parents=True, exist_ok=True)
        os.environ[VARIABLE] = str(directory)


def _hash() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(CORE.rglob("*.py")):
        digest.update(path.relative_to(CORE).as_posix().encode() + b"\0" + path.read_bytes())
    versions = [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    digest.update("\0".join([*versions, platform.python_version(), platform.machine(), _processor()]).encode())
    return digest.hexdigest()


def _processor() -> str:
    """Model and features of the processor, where Linux tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))}))
