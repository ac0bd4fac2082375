"""What all tests share: one cache of compiled kernels, so that each is compiled once a machine, not once a test."""

from pathlib import Path

import pytest

from generator_svc.kernel_cache import use_kernel_cache
from tests.s3 import s3, s3_server

__all__ = ["s3", "s3_server"]
use_kernel_cache(Path(__file__).parent.parent / "build")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share a running mesh or S3 server on one worker, so that it is started once."""
    for item in items:
        if "s3_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("s3"))
        if item.path.parent.name in {"mesh", "gateway"}:
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))
