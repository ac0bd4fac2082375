"""Patterns, templates, pools and documents have the bytes that the engine version promises, on every machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.golden.made_text_goldens import checksums, expected


def test_made_texts_are_what_this_engine_version_has_always_made() -> None:
    """A changed golden means a new engine version: runs are resumed and verified by their cells."""
    assert checksums() == expected()


def test_made_texts_are_the_same_on_a_plain_processor(tmp_path: Path) -> None:
    """Another hash seed and time zone included: Faker knows both."""
    plain = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
    }
    command = [sys.executable, "-W", "ignore", "-m", "tests.golden.made_text_goldens"]
    done = subprocess.run(command, env=os.environ | plain, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == expected()
