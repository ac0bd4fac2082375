"""Golden cells: a checksum per column of every type, rule and key. If one changes, the engine's version changes.

`python -m tests.golden.cells_apart` prints the checksums of the machine it runs on.
"""

import hashlib
import json
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa

from generator_svc.core.content_hash import ContentHash
from generator_svc.core.permutation import Permutation
from generator_svc.core.primitives import derive_key
from tests.generator_svc.core.catalog import APPENDS, EVERYTHING, EVERYTHING_ROWS, plan

FILE = Path(__file__).parent / "cells.json"
SIZES = (1, 2, 3, 4_095, 4_096, 4_097, 65_537, 2**20 + 1, 10**12, 2**64)


def checksums(only: Collection[str] = ()) -> dict[str, str]:
    """Checksums by table and column, of permutations, and content hashes by table; of all tables or `only` some."""
    made = plan(EVERYTHING, EVERYTHING_ROWS, *APPENDS)
    named = {f"permutation of {size}": _permutation(size) for size in SIZES}
    for table in EVERYTHING:
        if only and table.name not in only:
            continue
        rows = EVERYTHING_ROWS[table.name] + sum(added.get(table.name, 0) for added in APPENDS)
        batch = made.batch(table.name, 0, rows)
        named |= {f"{table.name}.{name}": _column(batch.column(name)) for name in batch.schema.names}
        content = ContentHash()
        content.add(0, batch)
        named[f"content hash of {table.name}"] = content.hex()
    return named


def expected() -> dict[str, str]:
    """What the golden file says."""
    known: dict[str, str] = json.loads(FILE.read_text())
    return known


def rewrite() -> None:
    """Write the golden file anew."""
    FILE.write_text(json.dumps(checksums(), indent=1) + "\n")


def _permutation(size: int) -> str:
    positions = np.arange(min(size, 1000), dtype=np.uint64)
    return hashlib.sha256(Permutation(size, derive_key("golden")).cells(positions).tobytes()).hexdigest()[:32]


def _column(column: pa.Array) -> str:
    return hashlib.sha256("\0".join(str(value) for value in column.to_pylist()).encode()).hexdigest()[:32]
