"""Staged files on a real disk: whole or absent."""

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
import xxhash

from dwsim_wire import failpoint
from dwsim_wire.staging import StagingRoot
from generator_svc.core.run_faults import DiskFull, NotEnoughSpace, OutputNotWritable
from generator_svc.staging import files

BATCH = files.Cells(pa.RecordBatch.from_pydict({"n": list(range(100))}))


def names(root: Path) -> list[str]:
    """Files below a directory."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_batch_is_written_under_its_own_name_with_its_checksum(tmp_path: Path) -> None:
    """Name, size and checksum are what the event will say."""
    root = StagingRoot(tmp_path / "run")
    files.prepare(root, ["t"])
    written = files.write_batch(root, "t", 7, BATCH)
    data = (tmp_path / "run/t/part-00007.parquet").read_bytes()
    assert written == (root.child("t", "part-00007.parquet").uri, len(data), xxhash.xxh3_128_hexdigest(data))
    assert names(tmp_path) == ["run/t/part-00007.parquet"]
    assert files.has_file(written.uri, written.bytes)
    assert not files.has_file(written.uri, written.bytes + 1)


def test_a_full_disk_leaves_the_earlier_file_and_no_other(tmp_path: Path) -> None:
    """The half of a file that fitted is worse than none."""
    root = StagingRoot(tmp_path)
    files.prepare(root, ["t"])
    files.write_batch(root, "t", 0, BATCH)
    failpoint.arm("generator.write=enospc@1")
    try:
        with pytest.raises(DiskFull) as caught:
            files.write_batch(root, "t", 1, BATCH)
    finally:
        failpoint.arm("")
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert names(tmp_path) == ["t/part-00000.parquet"]


def test_what_a_dead_writer_left_is_swept(tmp_path: Path) -> None:
    """Files of temporary names belong to nobody once their run is prepared again."""
    root = StagingRoot(tmp_path)
    (tmp_path / "t").mkdir()
    (tmp_path / "t/.part-00000.parquet.123.tmp").write_bytes(b"half")
    (tmp_path / "t/part-00001.parquet").write_bytes(b"whole")
    files.prepare(root, ["t"])
    assert names(tmp_path) == ["t/part-00001.parquet"]


def test_hidden_files_of_others_stay_in_an_output_directory(tmp_path: Path) -> None:
    """A client's directory is not ours: neither its hidden files nor a run that writes below it are swept away."""
    root, others = StagingRoot(tmp_path), [".notes.tmp", "t/.lock.tmp", "inner/t/.part-00001.parquet.77.tmp"]
    files.prepare(root, ["t"])
    (tmp_path / "inner/t").mkdir(parents=True)
    for name in others:
        (tmp_path / name).write_bytes(b"theirs")
    files.prepare(root, ["t"])
    files.delete_run(root, ["t"], [files.write_batch(root, "t", 0, BATCH).uri])
    assert names(tmp_path) == sorted(others)


def test_two_requests_may_try_a_directory_at_once(tmp_path: Path) -> None:
    """Runs of different experiments start side by side in the same staging area."""
    with ThreadPoolExecutor(4) as pool:
        for tried in [pool.submit(files.refuse_unusable, StagingRoot(tmp_path), ()) for _ in range(400)]:
            tried.result()


def test_a_place_with_files_of_another_run_is_refused(tmp_path: Path) -> None:
    """A table of two runs' files would load twice."""
    root = StagingRoot(tmp_path / "new" / "place")
    files.refuse_unusable(root, ["t"])
    files.prepare(root, ["t"])
    files.refuse_unusable(root, ["t"])
    files.write_batch(root, "t", 0, BATCH)
    files.refuse_unusable(root, ["u"])
    with pytest.raises(OutputNotWritable, match="another run: t"):
        files.refuse_unusable(root, ["t", "u"])


def test_rows_that_cannot_fit_are_refused_with_the_numbers(tmp_path: Path) -> None:
    """Better now than after an hour."""
    root = StagingRoot(tmp_path / "not" / "yet")
    files.refuse_too_large(root, 1000)
    with pytest.raises(NotEnoughSpace) as caught:
        files.refuse_too_large(root, 10**18)
    assert caught.value.metadata["needed_bytes"] == str(10**18)
    assert int(caught.value.metadata["free_bytes"]) > 0


def test_deleting_a_run_twice_is_no_error(tmp_path: Path) -> None:
    """A deletion that was cut short is asked for again."""
    root = StagingRoot(tmp_path / "run")
    files.prepare(root, ["t"])
    uri = files.write_batch(root, "t", 0, BATCH).uri
    files.write_manifest(root, {"run_id": 1})
    assert files.delete_run(root, ["t"], [uri]) == 1
    assert files.delete_run(root, ["t"], [uri]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("table", ["日" * 100, "a" * 255, "manifest.json", ".hidden", "..."])
def test_a_table_of_any_name_has_a_folder(table: str, tmp_path: Path) -> None:
    """A file system takes 255 bytes; a hundred letters of many scripts are more."""
    root = StagingRoot(tmp_path / "run")
    files.prepare(root, [table, "t"])
    written = files.write_batch(root, table, 0, BATCH)
    files.write_manifest(root, {})
    assert files.has_file(written.uri, written.bytes)
    assert files.delete_run(root, [table, "t"], [written.uri]) == 1
    assert not root.path.exists()


def test_long_names_that_begin_alike_have_folders_of_their_own() -> None:
    """And ordinary names are their own folders, so that people find them."""
    assert files.table_folder("日" * 100) != files.table_folder("日" * 99)
    assert files.table_folder("order items") == "order items"
