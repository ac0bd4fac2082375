"""Cells have the bytes that the engine version promises, on every machine."""

from tests.golden.cell_goldens import checksums, expected


def test_cells_are_what_this_engine_version_has_always_made() -> None:
    """A changed golden means a new engine version: runs are resumed and verified by their cells."""
    assert checksums() == expected()
