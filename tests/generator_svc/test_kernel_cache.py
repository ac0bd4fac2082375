"""The cache of compiled kernels: never a kernel of other sources."""

import os
from pathlib import Path

import pytest

from generator_svc import kernel_cache


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kernel_cache.VARIABLE, "")
    monkeypatch.delenv(kernel_cache.VARIABLE)
    monkeypatch.setattr(kernel_cache, "CORE", tmp_path / "core")
    (tmp_path / "core/kernels").mkdir(parents=True)
    (tmp_path / "core/kernels/a.py").write_text("x = 1\n")
    return tmp_path / "core"


def directory(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Directory that numba is pointed at."""
    monkeypatch.delenv(kernel_cache.VARIABLE, raising=False)
    kernel_cache.use_kernel_cache(data_dir)
    return Path(os.environ[kernel_cache.VARIABLE])


def test_an_edit_of_any_source_takes_another_directory(
    core: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """numba looks at the kernel's own file only: an edited callee would leave old machine code in use."""
    first = directory(tmp_path / "data", monkeypatch)
    assert first.is_dir()
    assert first.parent == tmp_path / "data/numba"
    assert directory(tmp_path / "data", monkeypatch) == first
    (core / "kernels/a.py").write_text("x = 2\n")
    assert directory(tmp_path / "data", monkeypatch) != first


def test_a_directory_that_the_operator_names_is_taken(
    core: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container with a read-only data directory may keep kernels elsewhere."""
    monkeypatch.setenv(kernel_cache.VARIABLE, str(tmp_path / "mine"))
    kernel_cache.use_kernel_cache(tmp_path / "data")
    assert os.environ[kernel_cache.VARIABLE] == str(tmp_path / "mine")
    assert not (tmp_path / "data").exists()
