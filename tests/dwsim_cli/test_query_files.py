"""`dw-sim query --output`: files that are whole or not there."""

import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.dwsim_cli.conftest import DwSim

pytestmark = pytest.mark.xdist_group("cli")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("rows.csv", lambda data: len(data.splitlines()) - 1),
        ("rows.csv.gz", lambda data: len(gzip.decompress(data).splitlines()) - 1),
        ("rows.jsonl", lambda data: len([json.loads(line) for line in data.splitlines()])),
        ("rows.json", lambda data: len(json.loads(data))),
        ("rows.parquet", lambda data: pq.read_table(io.BytesIO(data)).num_rows),
        ("rows.arrow", lambda data: pa.ipc.open_file(data).read_all().num_rows),
        ("rows.xlsx", lambda data: openpyxl.load_workbook(io.BytesIO(data)).active.max_row - 1),
    ],
)
def test_a_result_goes_to_a_file_whose_name_tells_its_format(
    name: str, read: Callable[[bytes], int], sim: DwSim, tmp_path: Path
) -> None:
    """The file is there once it is whole; how faithful it is is said beside."""
    done = sim("query", "shop", "SELECT * FROM orders", "--output", tmp_path / name)
    assert done.code == 0, done.err
    assert (done.out, read((tmp_path / name).read_bytes())) == ("", 1000)
    assert "1,000 rows in" in done.err
    assert "sqlite · exact" in done.err
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_no_file_is_left_where_the_result_is_none(sim: DwSim, tmp_path: Path) -> None:
    """A script that finds the file believes it; one from yesterday stays as it was."""
    file = tmp_path / "rows.csv"
    assert sim("query", "shop", "SELECT nope FROM orders", "--output", file).code == 3
    assert not list(tmp_path.iterdir())
    for arguments in (["-o", tmp_path / "rows"], ["-o", file, "--format", "table"], ["-o", "r.json.gz"]):
        assert sim("query", "shop", "SELECT 1", *arguments).code == 2
    packed = sim("query", "shop", "SELECT 1", "-o", tmp_path / "r.xlsx", "--compression", "gzip")
    assert (packed.code, "EXCEL has no compression GZIP" in packed.err) == (4, True)


def test_what_stands_where_the_file_goes_stays_what_it_is(sim: DwSim, tmp_path: Path) -> None:
    """A link keeps pointing, a pipe is written into, permissions stay; a `.part` of the user's is not ours."""
    target, link, pipe = tmp_path / "target.csv", tmp_path / "link.csv", tmp_path / "pipe.csv"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    other = tmp_path / "target.csv.part"
    other.write_text("the user's own")
    assert sim("query", "shop", "SELECT 1 AS one", "-o", link).code == 0
    assert (link.is_symlink(), target.read_text(), target.stat().st_mode & 0o777) == (True, "one\n1\n", 0o600)
    assert other.read_text() == "the user's own"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert sim("query", "shop", "SELECT 1 AS one", "-o", pipe).code == 0
        assert (os.read(reader, 100), pipe.is_fifo()) == (b"one\n1\n", True)
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    "options",
    [
        ["--to", "duckdb"],
        ["--translate", "--explain"],
        ["--translate", "-o", "rows.csv"],
        ["--explain", "-o", "rows.csv"],
        ["--json", "-o", "rows.csv"],
    ],
)
def test_options_that_would_do_nothing_are_refused(options: list[str], sim: DwSim) -> None:
    """A script that finds no file where it asked for one, and exit code 0, goes wrong later."""
    done = sim("query", "shop", "SELECT 1", *options)
    assert (done.code, "--translate" in done.err or "--output" in done.err) == (2, True)


def test_large_doubles_are_written_short(sim: DwSim) -> None:
    """All their digits would say more than a double knows."""
    done = sim("query", "shop", "SELECT 1e300 AS large, 3 AS three", "--json")
    assert "1e+300" in done.out
    assert done.document["rows"] == [[1e300, 3]]
