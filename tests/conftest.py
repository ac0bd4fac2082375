"""What all tests share: one cache of compiled kernels, so that each is compiled once a machine, not once a test."""

from pathlib import Path

import pytest

from generator_svc.kernel_cache import use_kernel_cache

use_kernel_cache(Path(__file__).parent.parent / "build")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share a running mesh on one worker, so that it is started once."""
    for item in items:
        if item.path.parent.name in {"mesh", "gateway"}:
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))
