"""Feeds and staging life from the command line, against the four real services."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dwsim_cli.conftest import DwSim
from tests.processes import Mesh, mesh, wait_for

pytestmark = pytest.mark.xdist_group("cli")
SHOP = "CREATE TABLE orders (order_id BIGINT PRIMARY KEY, note VARCHAR(20));"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    with mesh(tmp_path_factory.mktemp("ingest") / "data", DW_SIMULATOR_INGEST_LOOK_SECONDS="0.1") as started:
        yield started


@pytest.fixture
def sim(running: Mesh, dw_sim: DwSim, monkeypatch: pytest.MonkeyPatch) -> DwSim:
    for service in running.SERVICES:
        monkeypatch.setenv(f"DW_SIMULATOR_{service.upper()}_ADDRESS", running.address(service))
    return dw_sim


@pytest.fixture
def shop(sim: DwSim, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Name of an experiment of the test's own."""
    name = f"s{abs(hash(request.node.name)) % 10**9}"
    (tmp_path / "shop.sql").write_text(SHOP)
    done = sim("experiment", "import-sql", tmp_path / "shop.sql", "--name", name, "--target-warehouse", "sqlite")
    assert done.code == 0, done.err
    return name


def table(sim: DwSim, shop: str) -> Any:
    [[rows, different]] = sim(
        "query", shop, "SELECT COUNT(*), COUNT(DISTINCT order_id) FROM orders", "--json"
    ).document["rows"]
    return int(rows), int(different)


def test_a_feed_is_made_watched_and_ended(sim: DwSim, shop: str, running: Mesh, tmp_path: Path) -> None:
    """One line makes it, one shows what became of every file, also after the loader was killed in the middle."""
    made = sim("experiment", "generate", shop, "--rows", "orders=6000", "--batch-rows", 100, "--no-load", "--json")
    files = sorted(Path(made.document["run"]["staging_uri"].removeprefix("file://"), "orders").iterdir())
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    created = sim("ingest", "create", "feed", inbox, shop, "orders")
    assert created.code == 0, created.err
    for file in files[:30]:
        shutil.copy2(file, inbox)

    def shown() -> Any:
        return sim("ingest", "show", "feed", "--json").document

    wait_for(lambda: shown()["files"], "a file to be taken", 30)
    running.kill("loader")
    for file in files[30:]:
        shutil.copy2(file, inbox)
    running.start("loader")
    wait_for(lambda: shown()["files_loaded"] == 60, "all files to be loaded", 60)
    assert table(sim, shop) == (6000, 6000)
    assert "part-00000.parquet" in sim("ingest", "show", "feed").out
    loads = sim("load", "list", "--experiment", shop, "--json").document["loads"]
    assert {(load["ingest"], load["automatic"]) for load in loads} == {("feed", True)}
    assert "of ingest feed" in sim("load", "show", loads[0]["load_id"]).out
    assert "PAUSED" in sim("ingest", "pause", "feed").out
    assert "feed" in sim("ingest", "list").out
    assert "ACTIVE" in sim("ingest", "resume", "feed").out
    assert sim("ingest", "create", "feed", inbox, shop, "orders").code == 5
    assert sim("ingest", "delete", "feed").code == 0
    assert sim("ingest", "show", "feed").code == 3


def test_staged_files_go_once_they_are_loaded(sim: DwSim, shop: str) -> None:
    """Loader and generator agree on it by themselves, and a load that comes too late is told why."""
    done = sim("experiment", "generate", shop, "--rows", "orders=500", "--retention", "delete_after_load", "--json")
    run_id = done.document["run"]["run_id"]
    assert done.document["load"]["state"] == "COMPLETED"

    def gone() -> bool:
        return not sim("staging", "list", "--run-id", run_id, "--json").document["files"]

    wait_for(gone, "the staged files to go", 30)
    assert table(sim, shop) == (500, 500)
    wait_for(
        lambda: "FILES_DELETED" in sim("experiment", "load", shop, "--json", "--run-id", run_id).err, "refusal", 30
    )
    assert "kept until they are loaded" in sim("run", "show", run_id).out


def test_a_run_shows_its_loads(sim: DwSim, shop: str) -> None:
    """Where the rows of a run went is asked of the run."""
    run_id = sim("experiment", "generate", shop, "--rows", "orders=50", "--expire-days", 3, "--json").document["run"][
        "run_id"
    ]
    assert sim("experiment", "load", shop, "--run-id", run_id).code == 0
    run = sim("run", "show", run_id, "--json").document
    assert (run["retention"], run["expire_days"]) == ("EXPIRE_DAYS", 3)
    assert [load["state"] for load in run["loads"]] == ["COMPLETED", "COMPLETED"]
    assert "kept for 3 days" in sim("run", "show", run_id).out
