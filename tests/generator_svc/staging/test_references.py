"""Reference files: two formats, one text; bounds that keep a server alive."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import ReferenceRule
from generator_svc.staging import references
from generator_svc.staging.references import ReferenceFiles


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    """Values are text of the column's type, whatever the file's types."""
    days = [dt.date(2024, 1, 2), dt.date(2024, 1, 3), None, dt.date(2024, 1, 2)]
    pq.write_table(pa.table({"day": days, "share": [1, 2, 3, 4]}), tmp_path / "days.parquet")
    (tmp_path / "days.csv").write_text("\ufeffday,share\n2024-01-02,1\n2024-01-03,2\n,3\n2024-01-02,4\n")
    read = [ReferenceFiles(tmp_path).read(ReferenceRule(f"days.{end}", "day", "share")) for end in ("parquet", "csv")]
    assert read[0].values == read[1].values == ("2024-01-02", "2024-01-03")
    assert read[0].weights == read[1].weights == (5.0, 2.0)
    assert read[0].content_hash != read[1].content_hash


def test_a_link_out_of_the_directory_is_not_followed(tmp_path: Path) -> None:
    """A name inside is no proof of a file inside."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(ImpossibleRule, match="inside"):
        ReferenceFiles(tmp_path / "reference").read(ReferenceRule("link.csv", "a"))


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    """What the system says of it is no OSError."""
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    with pytest.raises(ImpossibleRule, match="not a path inside"):
        ReferenceFiles(tmp_path).read(ReferenceRule("loop.csv", "code"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column"),
        ("a\n", "no values"),
        ("a,b\n1\n", "no CSV"),
        ("a,b\n1,-1\n", "weight -1"),
        ("a,b\n1,nan\n", "weight"),
        ("a,a\n1,2\n", "2 columns 'a'"),
        ("a,b\n1,0\n2,0\n", "weights of 0"),
        ("a,b\n1,1e308\n1,1e308\n", "weights of inf"),
    ],
)
def test_a_file_that_says_nothing_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """By name and by what is wrong with it."""
    (tmp_path / "file.csv").write_text(text)
    with pytest.raises(ImpossibleRule, match=says):
        ReferenceFiles(tmp_path).read(ReferenceRule("file.csv", "a", "b" if "b" in text else ""))


def test_a_parquet_file_may_have_a_name_twice_too(tmp_path: Path) -> None:
    """Nobody knows which of the two is meant."""
    pq.write_table(pa.table([pa.array(["x"]), pa.array(["y"])], names=["a", "a"]), tmp_path / "file.parquet")
    with pytest.raises(ImpossibleRule, match="2 columns 'a'"):
        ReferenceFiles(tmp_path).read(ReferenceRule("file.parquet", "a"))


def test_a_file_beyond_the_bounds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is held in memory: its size is bounded, in bytes and in rows."""
    (tmp_path / "file.csv").write_text("a\n1\n2\n3\n")
    for name in ("MOST_ROWS", "MOST_BYTES"):
        with monkeypatch.context() as patched:
            patched.setattr(references, name, 2)
            with pytest.raises(ImpossibleRule, match=r"rows|larger"):
                ReferenceFiles(tmp_path).read(ReferenceRule("file.csv", "a"))
