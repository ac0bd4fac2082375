"""Every command against the four real services, in the background on ports and a directory of their own."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.dwsim_cli.conftest import COMMAND, EXAMPLE, ROW_FLAGS, ROWS, DwSim
from tests.processes import wait_for

pytestmark = pytest.mark.xdist_group("cli")


def test_the_running_stack_is_found_and_healthy(sim: DwSim) -> None:
    """No flag, no port: the data directory is enough."""
    servers = sim("version", "--json").document["servers"]
    assert set(servers) == {"schema", "generator", "loader", "query"}
    assert all(server["version"] for server in servers.values())
    assert sim("doctor", "--json").document["healthy"] is True


def test_a_second_stack_on_the_directory_is_refused(sim: DwSim) -> None:
    """In the background and in the foreground alike."""
    assert sim("up", "--detach").code == 5
    done = sim("up", "--json")
    assert done.code == 5
    assert done.error["reason"] == "ALREADY_RUNNING"
    assert done.error["metadata"]["pid"] in done.error["message"]


def test_import_shows_the_normalised_document_and_the_warnings(sim: DwSim) -> None:
    """What is stored may differ from what was written: nobody should find that out later."""
    done = sim(
        "experiment",
        "import-sql",
        EXAMPLE / "redshift.sql",
        "--name",
        "shown",
        "--target-rows",
        5,
        "--rows",
        "orders=9",
    )
    assert done.code == 0
    document = json.loads(done.out[: done.out.rindex("}") + 1])
    assert {t["name"]: t["target_rows"] for t in document["tables"]}["orders"] == "9"
    assert "shown is stored as revision 1: 4 tables" in done.out
    assert "has a composite primary key (order_id, line_no)" in done.err
    assert sim("experiment", "delete", "shown").code == 0


def test_validate_only_stores_nothing(sim: DwSim) -> None:
    """A dry run for CI."""
    done = sim("experiment", "import-sql", EXAMPLE / "redshift.sql", "--name", "dry", "--validate-only", "--json")
    assert done.code == 0
    assert done.document["experiment"]["name"] == "dry"
    assert sim("experiment", "show", "dry").code == 3


def test_what_is_inferred_is_shown_and_can_be_left_out(sim: DwSim) -> None:
    """A guess that nobody sees is a guess that nobody corrects."""
    assert "first_name (inferred)" in sim("experiment", "show", "shop").out
    dry = ("experiment", "import-sql", EXAMPLE / "redshift.sql", "--name", "dry", "--validate-only", "--json")
    for more, inferred in (((), True), (("--no-infer-rules",), False)):
        tables = sim(*dry, *more).document["experiment"]["tables"]
        assert any(column["inferred"] for table in tables for column in table["columns"]) is inferred


def test_sql_that_cannot_be_parsed_is_invalid_input_with_its_place(sim: DwSim, tmp_path: Path) -> None:
    """Line and column of the user's own file."""
    file = tmp_path / "bad.sql"
    file.write_text("\n\nCREATE TABLE (((;\n")
    done = sim("experiment", "import-sql", file, "--json")
    assert done.code == 4
    assert done.error["reason"] == "INVALID_SQL"
    assert done.error["metadata"]["line"] == "3"


def test_a_taken_name_is_a_conflict(sim: DwSim) -> None:
    """Nothing is overwritten."""
    done = sim("experiment", "import-sql", EXAMPLE / "redshift.sql", "--name", "shop")
    assert done.code == 5
    assert "reason: EXPERIMENT_EXISTS" in done.err


def test_experiments_are_listed_and_shown(sim: DwSim) -> None:
    """For people as tables, for programs as the document itself."""
    assert "shop" in sim("experiment", "list").out
    assert "shop" in [e["name"] for e in sim("experiment", "list", "--json").document["experiments"]]
    shown = sim("experiment", "show", "shop").out
    assert "-> customers.customer_id" in shown
    assert "(order_id, line_no) unique" in shown
    document = sim("experiment", "show", "shop", "--json").document
    assert [table["name"] for table in document["tables"]] == list(ROWS)


def test_an_unknown_experiment_is_not_found(sim: DwSim) -> None:
    """The nearest name is offered where there is one."""
    for command in (["show"], ["delete"], ["revisions"], ["diff"], ["export"]):
        done = sim("experiment", *command, "shpo")
        assert done.code == 3
        assert "reason: UNKNOWN_EXPERIMENT" in done.err
        assert "did you mean 'shop'?" in done.err
    assert "did you mean 'orders'?" in sim("experiment", "show", "shop", "ordrs").err


def test_the_life_of_an_experiment_by_hand(sim: DwSim, tmp_path: Path) -> None:
    """Import, add a table, edit, compare, lose a race, delete: all by commands, for people and for programs."""
    sim("experiment", "import-sql", EXAMPLE / "redshift.sql", "--name", "lived", "--quiet")
    table = tmp_path / "returns.sql"
    table.write_text("CREATE TABLE returns (return_id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL);")
    added = sim("experiment", "import-table", "lived", table)
    assert added.code == 0, added.err
    assert "lived is at revision 2: table returns with 2 columns is added" in added.out
    assert added.err.count("returns.order_id -> orders.order_id was inferred") == 1
    assert sim("experiment", "import-table", "lived", table).code == 5
    file = tmp_path / "lived.json"
    file.write_text(sim("experiment", "show", "lived", "--json").out.replace('"line_no"', '"position_no"'))
    assert "is at revision 3" in sim("experiment", "update", file).out
    stale = sim("experiment", "update", file)
    assert (stale.code, "reason: ETAG_MISMATCH" in stale.err) == (5, True)
    assert "stays at revision 3: the document says the same" in sim("experiment", "update", file, "--overwrite").out
    listed = sim("experiment", "revisions", "lived").out
    assert "1 table changed (order_items)" in listed
    assert [one["revision"] for one in sim("experiment", "revisions", "lived", "--json").document["revisions"]] == [
        3,
        2,
        1,
    ]
    assert "+ order_items.position_no" in sim("experiment", "diff", "lived").out
    changes = sim("experiment", "diff", "lived", 1, 2, "--json").document
    assert changes["changes"][0] | {"kind": "ADDED", "table": "returns"} == changes["changes"][0]
    assert sim("experiment", "delete", "lived", "--etag", "1-old").code == 5
    assert "lived is deleted: 0 runs, 0 files, 0 tables" in sim("experiment", "delete", "lived").out


def test_lists_fit_eighty_columns_and_are_filtered(sim: DwSim) -> None:
    """A terminal is eighty columns wide until somebody pulls at it."""
    listed = sim("experiment", "list", "--search", "SHO").out.rstrip().splitlines()
    assert [line.split()[0] for line in listed] == ["name", "shop"]
    assert listed[0].split() == ["name", "rev", "tables", "cols", "rows", "warn", "dialect", "warehouse", "created"]
    assert max(map(len, listed)) <= 80
    assert sim("experiment", "list", "--deleting", "--json").document == {"experiments": []}


def test_json_and_yaml_examples_make_equal_experiments(sim: DwSim) -> None:
    """One document, two spellings."""
    tables = []
    for file in ("experiment.json", "experiment.yaml"):
        done = sim("experiment", "create", EXAMPLE / file, "--name", file.replace(".", "_"), "--json")
        assert done.code == 0, done.err
        tables.append(done.document["experiment"]["tables"])
    assert tables[0] == tables[1]
    assert sim("preview", "experiment_json", "orders", "--limit", 3).code == 0


def test_an_export_can_be_changed_and_stored_as_the_next_revision(sim: DwSim, tmp_path: Path) -> None:
    """Export, edit, update: the loop of a schema that grows."""
    file = tmp_path / "shop.yaml"
    sim("experiment", "create", EXAMPLE / "experiment.yaml", "--name", "grown")
    assert sim("experiment", "export", "grown", "--format", "yaml", "-o", file).code == 0
    file.write_text(file.read_text().replace("target_rows: 20000", "target_rows: 77").replace("'20000'", "77"))
    done = sim("experiment", "update", file, "--name", "grown")
    assert done.code == 0, done.err
    document = sim("experiment", "show", "grown", "--json").document
    assert document["revision"] == 2
    assert document["tables"][1]["target_rows"] == "77"


def test_ddl_can_be_exported(sim: DwSim) -> None:
    """Back to where it came from."""
    done = sim("experiment", "export", "shop", "--format", "ddl")
    assert done.code == 0
    assert "CREATE TABLE" in done.out


def test_change_sets_are_asked_for_and_told(sim: DwSim) -> None:
    """The version and the form are what the next command depends on; nothing is loaded behind one's back."""
    assert sim("experiment", "import-sql", EXAMPLE / "redshift.sql", "--name", "changed").code == 0
    change = ("experiment", "generate", "changed", "--kind", "change-set")
    early = sim(*change)
    assert (early.code, "reason: NO_BASE_RUN" in early.err) == (5, True)
    assert sim("experiment", "generate", "changed", *ROW_FLAGS, "--no-load").code == 0
    told = sim(*change, "--inserts", 0.1, "--updates", 0.2, "--deletes", 0, "--as", "cdc")
    assert told.code == 0, told.err
    assert "version 1 as cdc_feed" in told.out
    history = sim(*change, "--as", "scd2", "--json").document
    assert (history["run"]["version"], history["run"]["change_output"], "load" in history) == (2, "SCD2", False)
    assert sim(*change, "--load").code != 0
    assert sim("experiment", "generate", "changed", "--as", "cdc").code == 4
    assert sim("experiment", "delete", "changed").code == 0


def test_the_run_and_the_load_can_be_read_afterwards(sim: DwSim) -> None:
    """By list, by number, by person, by program."""
    run = sim("experiment", "runs", "shop", "--json").document["runs"][0]
    assert (run["state"], run["seed"], run["rows_done"]) == ("COMPLETED", "7", str(sum(ROWS.values())))
    assert "COMPLETED" in sim("run", "show", run["run_id"]).out
    assert sim("run", "watch", run["run_id"]).code == 0
    load = sim("load", "list", "--experiment", "shop", "--json").document["loads"][0]
    assert (load["state"], load["run_id"]) == ("COMPLETED", run["run_id"])
    assert "into sqlite" in sim("load", "show", load["load_id"]).out
    assert sim("load", "watch", load["load_id"]).code == 0
    batches = sim("load", "batches", load["load_id"], "--json").document["batches"]
    assert {batch["table"] for batch in batches} == set(ROWS)
    assert "part-00000" in sim("load", "batches", load["load_id"], "--table", "orders").out
    assert sim("load", "retry", load["load_id"]).code == 5
    assert sim("run", "abort", run["run_id"]).code == 5


def test_a_run_says_what_its_load_tolerates(sim: DwSim) -> None:
    """The load starts by itself: its options come with the run."""
    options = ("--on-error", "skip_row", "--max-errors", 3, "--schema-drift", "ignore_extra")
    done = sim("experiment", "generate", "shop", *ROW_FLAGS, "--seed", 7, *options, "--json")
    assert done.code == 0, done.err
    load = done.document["load"]
    assert (load["on_error"], load["max_errors"], load["schema_drift"]) == ("SKIP_ROW", 3, "IGNORE_EXTRA")
    assert done.document["run"]["load_options"]["on_error"] == "SKIP_ROW"
    assert sim("experiment", "generate", "shop", "--no-load", "--max-errors", 3).code == 4


def test_a_load_that_may_skip_rows_says_what_it_skipped(sim: DwSim) -> None:
    """Generated rows are clean: nothing is listed, and there is nothing to try again."""
    done = sim("load", "start", "shop", "--on-error", "skip_row", "--max-errors", 9, "--schema-drift", "add_columns")
    assert done.code == 0, done.err
    load = sim("load", "list", "--experiment", "shop", "--json").document["loads"][0]
    assert (load["on_error"], load["max_errors"], load["schema_drift"]) == ("SKIP_ROW", 9, "ADD_COLUMNS")
    assert load["statistics"]["rejected"] == "0"
    assert sim("load", "rejects", load["load_id"], "--json").document == {"rejects": []}
    assert sim("load", "rejects", load["load_id"], "--table", "orders").code == 0
    replayed = sim("load", "replay", load["load_id"])
    assert (replayed.code, "has no rejects" in replayed.err) == (5, True), replayed.err
    assert sim("load", "rejects", 999_999).code == 3


@pytest.mark.parametrize("file", sorted((EXAMPLE / "queries").iterdir()), ids=lambda file: file.stem)
def test_the_example_queries_answer_rows(file: Path, sim: DwSim) -> None:
    """The first SQL that a user runs here."""
    done = sim("query", "shop", "--file", file, "--json")
    assert done.code == 0, done.err
    assert done.document["rows"]


def test_query_results_come_as_table_csv_and_json(sim: DwSim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results alone on standard output, remarks beside."""
    sql = "SELECT COUNT(*) AS n FROM orders"
    assert "1000" in sim("query", "shop", sql).out
    done = sim("query", "shop", sql, "--format", "csv")
    assert done.out == "n\n1000\n"
    assert "1 rows in" in done.err
    assert json.loads(sim("query", "shop", sql, "--format", "json").out) == [{"n": 1000}]

    class Stdin(io.StringIO):
        buffer = io.BytesIO(sql.encode())

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert sim("query", "shop", "--format", "csv").out == "n\n1000\n"


def test_a_limit_is_said_to_have_cut_the_result(sim: DwSim) -> None:
    """A cut result must not pass for a whole one."""
    done = sim("query", "shop", "SELECT order_id FROM orders", "--limit", 5, "--format", "csv")
    assert len(done.out.splitlines()) == 6
    assert "raise --limit" in done.err


def test_a_translation_shows_the_form_and_how_faithful_it_is(sim: DwSim) -> None:
    """Seen before it is trusted."""
    done = sim("query", "shop", "SELECT NVL(phone, 'none') FROM customers", "--translate")
    assert done.code == 0
    assert "SELECT" in done.out
    assert "redshift to sqlite: exact" in done.err
    elsewhere = sim("query", "shop", "SELECT NVL(phone, 'none') FROM customers", "--translate", "--to", "duckdb")
    assert "COALESCE" in elsewhere.out
    assert "redshift to duckdb: approximate" in elsewhere.err
    for dialect, sql in (("duckdb", "SELECT 7 // 2, 7 / 2"), ("clickhouse", "SELECT intDiv(7, 2), 7 / 2")):
        assert sim("query", "shop", sql, "--dialect", dialect, "--json").document["rows"] == [[3, 3.5]]
    assert sim("query", "shop", "SELECT 1", "--explain").code == 0


def test_the_history_tells_what_became_of_a_query(sim: DwSim) -> None:
    """The id of a query that somebody left running is found there, to end it."""
    sim("query", "shop", "SELECT 41 + 1 AS answer", "--json")
    last = sim("history", "shop", "--limit", 1, "--json").document["queries"][0]
    assert (last["sql"], last["state"], last["verdict"]) == ("SELECT 41 + 1 AS answer", "COMPLETED", "EXACT")
    assert "SELECT 41 + 1 AS answer" in sim("history", "shop").out
    ended = sim("cancel", last["query_id"], "--json")
    assert (ended.code, ended.error["reason"]) == (5, "QUERY_ENDED")


@pytest.mark.parametrize(
    ("sql", "code", "reason"),
    [
        ("SELECT * FROM ordrs", 3, "UNKNOWN_TABLE"),
        ("SELEC 1", 4, "INVALID_SQL"),
        ("DELETE FROM orders", 4, "WRITE_REFUSED"),
    ],
)
def test_bad_sql_ends_with_its_reason(sql: str, code: int, reason: str, sim: DwSim) -> None:
    """Each with the exit code that a script can act on."""
    done = sim("query", "shop", sql, "--json")
    assert (done.code, done.error["reason"]) == (code, reason)


def test_tables_preview_staging_and_warehouses(sim: DwSim) -> None:
    """The rest of what can be looked at."""
    tables = {t["name"]: t["rows"] for t in sim("tables", "shop", "--json").document["tables"]}
    assert tables == {name: str(rows) for name, rows in ROWS.items()}
    assert "order_items" in sim("tables", "shop").out
    assert "DECIMAL(10,2)" in sim("tables", "shop", "products").out.upper()
    preview: Any = sim("preview", "shop", "customers", "--offset", 5, "--limit", 2, "--seed", 7, "--json").document
    assert len(preview["rows"]) == 2
    files = sim("staging", "list", "--experiment", "shop", "--json").document["files"]
    assert {file["table"] for file in files} == set(ROWS)
    assert "would delete" in sim("staging", "clean", "--dry-run").out
    assert "would delete 0 files" in sim("staging", "clean", "--dry-run", "--older-than", 1).out
    assert "sqlite" in sim("warehouses").out


def test_any_rpc_can_be_called_and_streams_are_lines(sim: DwSim) -> None:
    """What has no command is a `call` away."""
    document = sim("call", "schema/GetExperiment", '{"name": "shop"}').document
    assert document["experiment"]["name"] == "shop"
    done = sim("call", "GeneratorService/WatchBatches", '{"follow": false}')
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert "run_started" in lines[0]["event"]
    assert lines[-1]["heartbeat"]["end"] is True


def test_a_run_is_checked_and_a_broken_one_is_shown(sim: DwSim) -> None:
    """The ecommerce example holds every promise; a lost row is named, and scripts see exit code 1."""
    made = sim("experiment", "generate", "shop", *ROW_FLAGS, "--no-load", "--json").document["run"]
    done = sim("run", "check", made["run_id"])
    assert (done.code, "holds what its experiment promises" in done.out) == (0, True), done.out + done.err
    assert "UNIQUE" not in done.out
    assert "UNIQUE" in sim("run", "check", made["run_id"], "--all").out
    (file,) = (Path(made["staging_uri"].removeprefix("file://")) / "products").glob("*.parquet")
    pq.write_table(pq.ParquetFile(file).read().slice(1), file)
    done = sim("run", "check", made["run_id"], "--json")
    assert (done.code, done.error["reason"], done.document["passed"]) == (1, "CHECK_FAILED", False)
    broken = sim("run", "check", made["run_id"]).out
    assert "ROW_COUNT" in broken
    assert "breaks promises of its experiment" in broken


def test_what_is_not_served_yet_has_its_own_exit_code(sim: DwSim) -> None:
    """A script can tell `later` from `never`."""
    done = sim("call", "LoaderService/ListLoadPlans", "--json")
    assert (done.code, done.error["reason"]) == (7, "NOT_YET_AVAILABLE")


def test_a_run_can_be_left_alone_watched_and_aborted(sim: DwSim) -> None:
    """--no-wait answers at once; the run is the service's, not the command's."""
    sim("experiment", "create", EXAMPLE / "experiment.json", "--name", "long")
    done = sim("experiment", "generate", "long", "--rows", "orders=200M", "--no-wait", "--no-load", "--json")
    assert done.code == 0, done.err
    run_id = done.document["run"]["run_id"]
    second = sim("experiment", "generate", "long")
    assert second.code == 5
    assert "reason: RUN_ACTIVE" in second.err
    assert sim("run", "abort", run_id).code == 0
    watched = sim("run", "watch", run_id, "--json")
    assert watched.code == 1
    assert watched.document["state"] == "ABORTED"
    assert watched.error["reason"] == "ABORTED_BY_USER"
    assert sim("run", "delete", run_id).code == 0


def test_ctrl_c_leaves_the_run_going_and_says_how_to_stop_it(sim: DwSim, stack: Path) -> None:
    """An impatient key must not throw away an hour of work."""
    sim("experiment", "create", EXAMPLE / "experiment.json", "--name", "patient")
    arguments = ["experiment", "generate", "patient", "--rows", "orders=200M", "--no-load"]
    environment = os.environ | {"DW_SIMULATOR_DATA_DIR": str(stack)}
    with subprocess.Popen([*COMMAND, *arguments], env=environment, stderr=subprocess.PIPE, text=True) as process:

        def running() -> list[Any]:
            runs = sim("experiment", "runs", "patient", "--json").document["runs"]
            return [run for run in runs if run["state"] == "RUNNING"]

        (run,) = wait_for(running, "the run to begin", 30)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"`dw-sim run abort {run['run_id']}` stops it" in err
    assert running()
    assert sim("experiment", "delete", "patient", "--force").code == 0
