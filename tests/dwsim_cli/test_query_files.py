"""`dw-sim query --output`: files that are whole or not there."""

import gzip
import io
import json
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
