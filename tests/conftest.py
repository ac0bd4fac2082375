"""What all tests share: one cache of compiled kernels, so that each is compiled once a machine, not once a test."""

import os
from pathlib import Path

os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / "build/numba"))
