"""Cells are the same on every machine."""

from pathlib import Path

from tests.golden.cells_apart import GOLDENS, on_a_plain_processor


def test_cells_are_the_same_on_a_plain_processor(tmp_path: Path) -> None:
    """Numbers must not depend on vector instructions, fused multiplication or a math library, nor texts on a hash seed
    or a time zone, both of which Faker knows.
    """
    assert on_a_plain_processor(tmp_path) == {name: golden.expected() for name, golden in GOLDENS.items()}
