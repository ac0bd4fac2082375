"""What all tests share: one cache of compiled kernels, so that each is compiled once a machine, not once a test.

Under CI=true hypothesis draws the same examples every time: what fails there is the change's. Elsewhere it looks for
new ones. A test never measures time: no example has a deadline.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from generator_svc.kernel_cache import use_kernel_cache
from tests.s3 import s3, s3_server

__all__ = ["s3", "s3_server"]
settings.register_profile("new ones", deadline=None)
settings.register_profile("the same every time", derandomize=True, deadline=None)
settings.load_profile("the same every time" if os.environ.get("CI") == "true" else "new ones")
use_kernel_cache(Path(__file__).parent.parent / "build")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that share a running mesh or S3 server on one worker, so that it is started once."""
    for item in items:
        if "s3_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("s3"))
        if item.path.parent.name in {"mesh", "gateway", "fidelity", "python_client"}:
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))
