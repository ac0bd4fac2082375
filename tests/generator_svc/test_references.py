"""Reference files, through the door: values of the user's own file, of one file for the whole life of a run."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from tests.clients import refused
from tests.generator_svc.documents import column, shop
from tests.generator_svc.running import Generator
from tests.generator_svc.schema_peer import SchemaStandIn

ROWS = 2_000


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Directory of reference files."""
    directory = tmp_path / "data" / "reference"
    directory.mkdir(parents=True)
    (directory / "colours.csv").write_text("colour,share\nred,3\nblue,1\n,5\ngreen,0\n")
    return directory


def _asks(schema: SchemaStandIn, data_type: str = "VARCHAR(20)", *, unique: bool = False, **rule: Any) -> None:
    """Give the customers one column of a file."""
    document = shop(customers=ROWS)
    reference = {"uri": "colours.csv", "column": "colour", **rule}
    added = column("colour", data_type, required=True, is_unique=unique, rule={"reference": reference})
    document["tables"] = [document["tables"][2]]
    document["tables"][0]["columns"].append(added)
    schema.documents["shop"] = document


async def test_values_come_as_often_as_their_weights(running: Generator, schema: SchemaStandIn, files: Path) -> None:
    """Rows without a value are left out; a weight of 0 is never drawn."""
    del files
    _asks(schema, weight_column="share")
    run = await running.completed(tables=["customers"])
    colours = (await running.table(run, "customers"))["colour"].to_pylist()
    assert set(colours) == {"red", "blue"}
    assert colours.count("red") == pytest.approx(0.75 * ROWS, rel=0.08)
    preview = await call(running.stub.PreviewTable, pb.PreviewTableRequest(experiment="shop", table="customers"))
    assert [row.values[-1].string_value for row in preview.rows] == colours[:10]


async def test_an_append_refuses_a_file_that_has_changed(
    running: Generator, schema: SchemaStandIn, files: Path
) -> None:
    """Half of a table from another file would be neither the old data nor the new."""
    _asks(schema)
    await running.completed(tables=["customers"])
    (files / "colours.csv").write_text("colour\nblack\n")
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "REFERENCE_CHANGED"):
        await running.start(kind=Run.APPEND, tables=["customers"])
    run = await running.completed(tables=["customers"])
    assert set((await running.table(run, "customers"))["colour"].to_pylist()) == {"black"}


async def test_a_unique_column_takes_each_value_once(running: Generator, schema: SchemaStandIn, files: Path) -> None:
    """A file of keys is a permutation; more rows than values are refused with both numbers."""
    (files / "codes.csv").write_text("code\n" + "\n".join(f"c{n}" for n in range(ROWS)) + "\n")
    _asks(schema, uri="codes.csv", column="code", unique=True)
    run = await running.completed(tables=["customers"])
    assert sorted((await running.table(run, "customers"))["colour"].to_pylist()) == sorted(f"c{n}" for n in range(ROWS))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "IMPOSSIBLE_RULE", str(ROWS)):
        await running.start(rows={"customers": ROWS + 1})


@pytest.mark.parametrize(
    ("data_type", "rule", "says"),
    [
        ("VARCHAR(20)", {"uri": "colors.csv"}, "did you mean 'colours.csv'"),
        ("VARCHAR(20)", {"column": "color"}, "did you mean 'colour'"),
        ("VARCHAR(20)", {"uri": "../generator.lock"}, "inside"),
        ("VARCHAR(20)", {"uri": "/etc/passwd"}, "inside"),
        ("VARCHAR(20)", {"uri": "https://example.com/colours.csv"}, "inside"),
        ("VARCHAR(20)", {"uri": "colours.txt"}, "neither"),
        ("VARCHAR(20)", {"weight_column": "colour"}, "no numbers"),
        ("INTEGER", {}, "'red'"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_the_reason(
    running: Generator, schema: SchemaStandIn, files: Path, data_type: str, rule: dict[str, Any], says: str
) -> None:
    """At the start of the run, by name, and never from outside the directory."""
    (files / "colours.txt").write_text("colour\nred\n")
    _asks(schema, data_type, **rule)
    with pytest.raises(RemoteFault) as caught:
        await running.start(tables=["customers"])
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert says in f"{caught.value.message} {caught.value.hint}"
