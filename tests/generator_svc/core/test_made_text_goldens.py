"""Patterns, templates, pools and documents have the bytes that the engine version promises, on every machine."""

from tests.golden.made_text_goldens import checksums, expected


def test_made_texts_are_what_this_engine_version_has_always_made() -> None:
    """A changed golden means a new engine version: runs are resumed and verified by their cells."""
    assert checksums() == expected()
