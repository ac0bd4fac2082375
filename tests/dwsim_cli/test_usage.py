"""What the command line says before any service is asked."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from local_stack.lock import DirectoryLock
from local_stack.record import StackRecord
from tests.dwsim_cli.conftest import DwSim
from tests.processes import free_ports

COMMANDS = [
    *[["experiment", c] for c in ("create", "import-sql", "list", "show", "export", "update", "delete")],
    *[["experiment", c] for c in ("generate", "load", "runs")],
    *[["run", c] for c in ("list", "show", "watch", "abort", "delete")],
    *[["load", c] for c in ("list", "show", "watch", "abort", "retry")],
    *[["staging", c] for c in ("list", "clean")],
    *[[c] for c in ("query", "tables", "preview", "warehouses", "up", "down", "api", "demo", "doctor", "reset")],
    *[[c] for c in ("call", "version", "history", "cancel")],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_takes_json(command: list[str], dw_sim: DwSim) -> None:
    """Scripts need --json everywhere; people need --help everywhere."""
    done = dw_sim(*command, "--help")
    assert done.code == 0
    assert "--json" in done.out


def test_help_lists_the_exit_codes(dw_sim: DwSim) -> None:
    """A script must not have to guess what 5 means."""
    words = " ".join(dw_sim("--help").out.split())
    for promise in ("0 done", "3 not found", "6 unavailable", "7 not yet available"):
        assert promise in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["experiment", "frobnicate"], "No such command"),
        (["experiment", "show"], "Missing argument"),
        (["run", "show", "seven"], "Invalid value"),
        (["run", "show", "0"], "Invalid value"),
        (["experiment", "create", "no-such-file.json"], "does not exist"),
        (["experiment", "list", "--frob"], "No such option"),
        (["query", "shop", "SELECT 1", "--file", "/dev/null"], "not both"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_a_hint(arguments: list[str], words: str, dw_sim: DwSim) -> None:
    """The error names what was wrong, the hint where to read on."""
    done = dw_sim(*arguments)
    assert done.code == 2
    assert words in done.err
    assert "--help` shows what it takes" in done.err
    assert done.out == ""


def test_wrong_usage_is_json_for_a_program(dw_sim: DwSim) -> None:
    """With --json even a typing error can be parsed."""
    done = dw_sim("experiment", "show", "--json")
    assert done.code == 2
    assert done.error["reason"] == "USAGE"
    assert done.out == ""


@pytest.mark.parametrize("rows", ["orders", "orders=", "=5", "orders=many", "orders=-1", "orders=1.5k"])
def test_rows_that_cannot_be_read_are_invalid_input(rows: str, dw_sim: DwSim) -> None:
    """Nothing is sent before it is understood."""
    done = dw_sim("experiment", "generate", "shop", "--rows", rows)
    assert done.code == 4
    assert f"--rows '{rows}' is not TABLE=N" in done.err


def test_an_unreachable_service_is_named_with_its_address(dw_sim: DwSim) -> None:
    """Which of the four, and where it was looked for."""
    port = free_ports(1)[0]
    done = dw_sim("--schema-address", f"127.0.0.1:{port}", "experiment", "list")
    assert done.code == 6
    assert f"the schema service at 127.0.0.1:{port} cannot be reached" in done.err
    assert "reason: UNAVAILABLE" in done.err
    assert "dw-sim doctor" in done.err


def test_addresses_come_from_flags_then_the_running_stack(dw_sim: DwSim, tmp_path: Path) -> None:
    """`dw-sim up` on odd ports needs no flags; a flag still wins."""
    stack_port, flag_port = free_ports(2)
    lock = DirectoryLock(tmp_path / "data")
    lock.acquire()
    StackRecord(1, {"schema": f"127.0.0.1:{stack_port}"}, {}, "0").write(tmp_path / "data")
    try:
        assert f"127.0.0.1:{stack_port} " in dw_sim("experiment", "list").err
        done = dw_sim("--schema-address", f"127.0.0.1:{flag_port}", "experiment", "list")
        assert f"127.0.0.1:{flag_port} " in done.err
    finally:
        lock.release()


def test_a_named_directory_without_a_stack_asks_nobody_else(dw_sim: DwSim, tmp_path: Path) -> None:
    """Somebody else's stack on the default ports must not take what was meant for this directory."""
    named = tmp_path / "elsewhere"
    for arguments in (["--data-dir", named, "experiment", "list"], ["experiment", "list"]):
        done = dw_sim(*arguments, "--json")
        assert done.code == 6
        assert done.error["reason"] == "UNAVAILABLE"
        assert done.error["message"] == f"no stack runs on {named if named in arguments else tmp_path / 'data'}"
    findings = {f["check"]: f for f in dw_sim("doctor", "--data-dir", named, "--json").document["findings"]}
    assert findings["schema service"]["found"] == f"no stack runs on {named}"


def test_a_gateway_that_is_given_is_asked_whatever_the_directory(dw_sim: DwSim) -> None:
    """An address is as much of a promise as a directory, and it is the one about where to call."""
    port = free_ports(1)[0]
    done = dw_sim("--gateway-address", f"127.0.0.1:{port}", "experiment", "list", "--json")
    assert done.code == 6
    assert f"127.0.0.1:{port} cannot be reached" in done.error["message"]


def test_without_a_named_directory_the_default_ports_are_asked(
    dw_sim: DwSim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services that were started one by one are found without any option."""
    monkeypatch.delenv("DW_SIMULATOR_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    findings = {f["check"]: f for f in json.loads(dw_sim("doctor", "--json").out)["findings"]}
    assert "50051" in findings["schema service"]["found"]


def test_doctor_finds_nothing_wrong_with_an_empty_machine(dw_sim: DwSim) -> None:
    """No stack is not a problem, only a note."""
    done = dw_sim("doctor", "--json")
    assert done.code == 0
    assert done.document["healthy"] is True
    assert {"python", "data directory", "disk", "schema service"} <= {f["check"] for f in done.document["findings"]}


def test_doctor_finds_a_service_that_should_answer_and_does_not(dw_sim: DwSim) -> None:
    """An address that was given is a promise."""
    port = free_ports(1)[0]
    done = dw_sim("--query-address", f"127.0.0.1:{port}", "doctor")
    assert done.code == 1
    assert "query service" in done.err
    assert "reason: UNHEALTHY" in done.err


def test_doctor_finds_a_directory_of_a_newer_version(dw_sim: DwSim, tmp_path: Path) -> None:
    """Better said by the doctor than by four services that do not start."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "VERSION").write_text(json.dumps({"layout": 99}))
    done = dw_sim("doctor", "--json")
    assert done.code == 1
    assert done.error["reason"] == "UNHEALTHY"
    assert "data layout" in done.error["message"]


def test_doctor_finds_a_corrupt_database(dw_sim: DwSim, tmp_path: Path) -> None:
    """`up` refuses it: the doctor must not say that all is well."""
    metadata = tmp_path / "data/metadata"
    metadata.mkdir(parents=True)
    (metadata / "generator.db").write_bytes(b"this is no database" * 1000)
    with contextlib.closing(sqlite3.connect(metadata / "schema.db")) as database:
        database.execute("CREATE TABLE t (a)")
    done = dw_sim("doctor", "--json")
    assert done.code == 1
    verdicts = {f["check"]: f["verdict"] for f in done.document["findings"]}
    assert verdicts["generator database"] == "problem"
    assert verdicts["schema database"] == "ok"
    assert "loader database" not in verdicts


def test_reset_deletes_our_state_and_nothing_else(dw_sim: DwSim, tmp_path: Path) -> None:
    """And it says what is still there."""
    data = tmp_path / "data"
    (data / "metadata").mkdir(parents=True)
    (data / "metadata/schema.db").write_text("x")
    (data / "VERSION").write_text('{"layout": 1}')
    (data / "thesis.txt").write_text("years of work")
    done = dw_sim("reset", "--yes")
    assert done.code == 0
    assert "still there: thesis.txt" in done.out
    assert [path.name for path in data.iterdir()] == ["thesis.txt"]
    (data / "thesis.txt").unlink()
    (data / "VERSION").write_text('{"layout": 1}')
    assert dw_sim("reset", "--yes", "--json").document["removed"] == ["VERSION"]
    assert not data.exists()


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (None, "NOT_OUR_DIRECTORY"),
        ("{}", "DATA_DIRECTORY_CORRUPT"),
        ('{"layout": 99}', "DATA_DIRECTORY_NEWER"),
    ],
)
@pytest.mark.parametrize("command", [["reset", "--yes"], ["demo", "--rows", "0.0001"]], ids=" ".join)
def test_a_directory_without_our_mark_keeps_every_file(
    command: list[str], version: str | None, reason: str, dw_sim: DwSim, tmp_path: Path
) -> None:
    """A --data-dir that was mistyped, or a newer version's, must not cost anybody's files."""
    data = tmp_path / "data"
    for name in ("staging", "logs", "warehouses"):
        (data / name).mkdir(parents=True)
        (data / name / "thesis.txt").write_text("years of work")
    if version:
        (data / "VERSION").write_text(version)
    done = dw_sim(*command, "--data-dir", data, "--json")
    assert done.code == 5
    assert done.error["reason"] == reason
    assert len(list(data.glob("*/thesis.txt"))) == 3


def test_reset_is_refused_while_a_stack_runs(dw_sim: DwSim, tmp_path: Path) -> None:
    """Deleting files under running services corrupts them."""
    lock = DirectoryLock(tmp_path / "data")
    lock.acquire()
    try:
        done = dw_sim("reset", "--yes", "--json")
        assert done.code == 5
        assert done.error["reason"] == "STACK_RUNNING"
        assert dw_sim("demo", "--data-dir", tmp_path / "data").code == 5
    finally:
        lock.release()


def test_down_without_a_stack_says_so(dw_sim: DwSim) -> None:
    """Stopping what does not run is not an error."""
    done = dw_sim("down")
    assert done.code == 0
    assert "no stack runs" in done.out


def test_call_lists_every_rpc_of_the_contract(dw_sim: DwSim) -> None:
    """What has no command of its own is reachable all the same."""
    rpcs = {rpc["rpc"]: rpc for rpc in dw_sim("call", "--list", "--json").document}
    assert rpcs["GeneratorService/WatchBatches"]["streams"] is True
    assert {"SchemaService/ImportSql", "LoaderService/ListRejects", "QueryService/CancelQuery"} <= set(rpcs)


def test_call_offers_the_nearest_rpc(dw_sim: DwSim) -> None:
    """A typing error costs one look, not a search."""
    done = dw_sim("call", "SchemaService/GetExperimnt")
    assert done.code == 3
    assert "did you mean SchemaService/GetExperiment" in done.err


def test_call_refuses_a_request_with_unknown_fields(dw_sim: DwSim) -> None:
    """And says which fields there are."""
    done = dw_sim("call", "GetExperiment", '{"nam": "shop"}')
    assert done.code == 4
    assert "nam" in done.err
    assert "its fields are name, revision" in done.err


def test_completion_is_silent_without_services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pressing tab must never print an error."""
    port = free_ports(1)[0]
    monkeypatch.setenv("DW_SIMULATOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DW_SIMULATOR_SCHEMA_ADDRESS", f"127.0.0.1:{port}")
    from dwsim_cli.completion import experiment_names, rpc_names

    assert experiment_names("") == []
    assert "QueryService/RunQuery" in rpc_names("query")
