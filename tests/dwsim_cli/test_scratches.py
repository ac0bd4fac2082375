"""`dw-sim query --allow-writes` and `dw-sim scratch`."""

import json

import pytest

from tests.dwsim_cli.conftest import DwSim

pytestmark = pytest.mark.xdist_group("cli")


def test_a_session_writes_into_its_scratch_alone(sim: DwSim) -> None:
    """A table made in one command is there in the next, beside the experiment, which stays as it was."""
    writing = ("--allow-writes", "--scratch", "cli")
    made = sim("query", "shop", "CREATE TABLE few DISTKEY(order_id) AS SELECT order_id FROM orders LIMIT 7", *writing)
    assert made.code == 0, made.err
    read = sim("query", "shop", "SELECT COUNT(*) AS n FROM few", "--scratch", "cli", "--json")
    assert json.loads(read.out)["rows"] == [[7]]
    assert "few" in sim("tables", "shop", "--scratch", "cli").out
    assert "few" not in sim("tables", "shop").out
    refused = sim("query", "shop", "DELETE FROM orders", *writing)
    assert (refused.code != 0, "only tables there are written" in refused.err) == (True, True)
    assert sim("query", "shop", "DELETE FROM few").code != 0
    listed = json.loads(sim("scratch", "list", "--json").out)["scratches"]
    assert [(s["name"], [t["name"] for t in s["tables"]]) for s in listed] == [("cli", ["few"])]
    assert sim("scratch", "drop", "shop", "cli").code == 0
    assert json.loads(sim("scratch", "list", "--json").out) == {"scratches": []}


def test_files_are_unloaded_and_copied(sim: DwSim) -> None:
    """The statements of a pipeline run from a shell as they are, role and all."""
    writing = ("--allow-writes", "--scratch", "files")
    unload = "UNLOAD ('SELECT order_id FROM orders LIMIT 7') TO 's3://lake/cli/' IAM_ROLE default PARQUET MANIFEST"
    made = sim("query", "shop", unload, *writing, "--json")
    assert made.code == 0, made.err
    assert [row[:2] for row in json.loads(made.out)["rows"]] == [["s3://lake/cli/0000_part_00.parquet", 7]]
    assert sim("query", "shop", "CREATE TABLE back (order_id BIGINT)", *writing).code == 0
    copied = sim("query", "shop", "COPY back FROM 's3://lake/cli/manifest' MANIFEST FORMAT PARQUET", *writing, "--json")
    assert json.loads(copied.out)["rows"] == [[7]]
    refused = sim("query", "shop", unload)
    assert (refused.code != 0, "--allow-writes" in refused.err) == (True, True)
    assert sim("scratch", "drop", "shop", "files").code == 0
