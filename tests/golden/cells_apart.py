"""All checksums of cells, made by a process that another machine could have started."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.golden import cell_goldens, made_text_goldens, text_goldens

GOLDENS = {"cells": cell_goldens, "texts": text_goldens, "made texts": made_text_goldens}
PLAIN = {
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3",
    "PYTHONHASHSEED": "7",
    "TZ": "Asia/Tokyo",
}


def on_a_plain_processor(folder: Path, *tables: str) -> dict[str, dict[str, str]]:
    """Checksums of every golden file, or of the cells of some tables; kernels are compiled anew into `folder`."""
    environment = os.environ | PLAIN | {"NUMBA_CACHE_DIR": str(folder)}
    command = [sys.executable, "-W", "ignore", "-m", "tests.golden.cells_apart", *tables]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    if chosen := sys.argv[1:]:
        sys.stdout.write(json.dumps({"cells": cell_goldens.checksums(chosen)}))
    else:
        sys.stdout.write(json.dumps({name: golden.checksums() for name, golden in GOLDENS.items()}))
