"""Cells are the same on every machine."""

from pathlib import Path

import pytest

from tests.golden.cells_apart import GOLDENS, on_a_plain_processor

ARITHMETIC = ("every_law",)
"""Tables whose cells are computed most: every distribution."""


def test_computed_cells_are_the_same_on_a_plain_processor(tmp_path: Path) -> None:
    """Numbers must not depend on vector instructions, fused multiplication or a math library."""
    found = on_a_plain_processor(tmp_path, *ARITHMETIC)["cells"]
    assert {f"content hash of {table}" for table in ARITHMETIC} <= found.keys()
    assert found.items() <= GOLDENS["cells"].expected().items()


@pytest.mark.slow
def test_cells_are_the_same_on_a_plain_processor(tmp_path: Path) -> None:
    """Nor may texts depend on a hash seed or a time zone, both of which Faker knows."""
    assert on_a_plain_processor(tmp_path) == {name: golden.expected() for name, golden in GOLDENS.items()}
