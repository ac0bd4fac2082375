"""The deletion of an experiment through the gateway while services and warehouses are down: nothing stays, all is said.

A mesh of its own, since its processes are killed.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.gateway.conftest import addresses, gateway_process
from tests.gateway.doors import Answer, Gateway
from tests.mesh.shop import ROWS, SHOP
from tests.postgres import Database, stand_in
from tests.processes import Mesh, mesh, wait_for

WAIT = "DW_SIMULATOR_SCHEMA_DELETE_WAIT_SECONDS"
STEPS = [
    "tables_dropped",
    *(
        pytest.param(step, marks=pytest.mark.slow)
        for step in ("deletion_began", "runs_stopped", "runs_purged", "step_recorded")
    ),
]


@dataclass(frozen=True)
class House:
    """A mesh with its gateway and its PostgreSQL."""

    mesh: Mesh
    gateway: Gateway
    server: Database

    def imported(self, name: str, warehouse: str = "SQLITE") -> str:
        """Import a shop; answers its id."""
        body = {"name": name, "sql": SHOP, "table_rows": ROWS, "target_warehouse": warehouse}
        answer = self.gateway.rest("POST", "/api/experiments/import-sql", body)
        assert answer.status == 200, answer.body
        return str(answer.json["experiment"]["id"])

    def loaded(self, name: str, warehouse: str = "SQLITE") -> str:
        """Import, generate and load a shop; answers its id."""
        identity = self.imported(name, warehouse)
        made = self.gateway.rest("POST", f"/api/experiments/{name}/generate", {"wait": True, "auto_load": False})
        assert made.json["status"] == "COMPLETED", made.body
        load = self.gateway.rest("POST", f"/api/experiments/{name}/load", {"wait": True})
        assert load.json["status"] == "COMPLETED", load.body
        return identity

    def delete(self, name: str, query: str = "") -> Answer:
        return self.gateway.rest("DELETE", f"/api/experiments/{name}{query}")

    def gone(self, name: str) -> None:
        """Wait until the experiment is no more."""
        path = f"/api/experiments/{name}"
        wait_for(lambda: self.gateway.rest("GET", path).status == 404, f"{name} to be gone", 60)

    def traces(self, identity: str) -> list[str]:
        """Files that bear the experiment's id."""
        return [str(path) for path in self.mesh.data_dir.rglob(f"*{identity}*")]

    def schemas(self, name: str) -> int:
        """Schemas of PostgreSQL that bear the experiment's name."""
        return len(self.server.rows("SELECT 1 FROM pg_namespace WHERE nspname LIKE %s", f"{name}%"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="dwsim-postgres-") as folder,
        stand_in(Path(folder) / "redshift") as server,
        mesh(tmp_path_factory.mktemp("deletions"), **{WAIT: "0.5", "DW_SIMULATOR_REDSHIFT_URL": server.url}) as running,
        gateway_process(running.data_dir, *addresses(**{s: running.address(s) for s in Mesh.SERVICES})) as started,
    ):
        yield House(running, started[0], server)


@contextlib.contextmanager
def down(house: House, peer: str) -> Iterator[None]:
    """A peer or a warehouse is down for the length of the block."""
    if peer != "redshift":
        house.mesh.kill(peer)
        try:
            yield
        finally:
            house.mesh.start(peer)
        return
    before = house.server.postmaster()
    keeper = psutil.Process(before).parent()
    assert keeper is not None
    keeper.suspend()
    house.server.crash()
    try:
        yield
    finally:
        keeper.resume()
        house.server.recovered(before)


@pytest.mark.parametrize(
    ("peer", "warehouse", "said"),
    [
        pytest.param("generator", "SQLITE", "generator", marks=pytest.mark.slow),
        ("loader", "SQLITE", "loader"),
        pytest.param("redshift", "REDSHIFT", "redshift", marks=pytest.mark.slow),
    ],
)
def test_a_peer_that_is_down_leaves_deleting_with_a_reason_and_is_caught_up_with(
    peer: str, warehouse: str, said: str, house: House, name: str
) -> None:
    """Nobody has to come back and delete again."""
    identity = house.loaded(name, warehouse)
    with down(house, peer):
        answer = house.delete(name).json
        assert answer["done"] is False
        waiting = wait_for(lambda: _reason(house, name, said), f"a reason that names {said}", 30)
        shown = house.gateway.rest("GET", f"/api/experiments/{name}").json
        assert (shown["state"], shown["id"]) == ("DELETING", identity)
        assert "Traceback" not in waiting
        again = house.gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": SHOP})
        assert (again.status, again.reason) == (409, "EXPERIMENT_EXISTS"), "the name is taken until all is gone"
    house.gone(name)
    assert house.traces(identity) == []
    assert house.schemas(name) == 0
    assert house.imported(name) != identity
    house.delete(name)


def _reason(house: House, name: str, said: str) -> str:
    listed = house.gateway.rest("GET", f"/api/experiments?state=DELETING&search={name}").json["experiments"]
    reason = str(listed[0]["deleting_reason"]) if listed else ""
    return reason if said in reason.lower() else ""


@pytest.mark.parametrize("step", STEPS)
def test_a_service_that_is_killed_in_the_middle_finishes_when_it_is_back(step: str, house: House, name: str) -> None:
    """Every step is recorded before the next and may be taken twice."""
    identity = house.loaded(name, "REDSHIFT")
    house.mesh.processes["schema"].stop()
    house.mesh.start("schema", failpoints=f"schema.{step}=kill@1")
    with contextlib.suppress(OSError):
        house.delete(name)
    wait_for(house.mesh.processes["schema"].killed, f"schema.{step} to be reached")
    house.mesh.start("schema")
    house.gone(name)
    assert house.traces(identity) == []
    assert house.schemas(name) == 0


def test_the_answer_counts_what_went(house: House, name: str) -> None:
    """Runs, files and tables: what was there, neither more nor less."""
    house.mesh.processes["schema"].stop()
    house.mesh.start("schema", **{WAIT: "20"})
    house.loaded(name)
    answer = house.delete(name).json
    house.mesh.processes["schema"].stop()
    house.mesh.start("schema")
    assert answer["done"] is True
    assert (answer["deleted_runs"], answer["dropped_tables"]) == (1, len(ROWS))
    assert answer["deleted_files"] >= len(ROWS)


def test_an_active_run_is_409_unless_force_and_its_end_touches_nothing_new(house: House, name: str) -> None:
    """The run of the old id is stopped; the new experiment of the same name has its own tables and counts."""
    old = house.imported(name)
    rows = {"orders": 2_000_000, "order_items": 6_000_000}
    order = {"rows": rows, "batch_rows": 1000}
    run = house.gateway.rest("POST", f"/api/experiments/{name}/generate", order).json["run_id"]
    busy = house.delete(name)
    assert (busy.status, busy.reason, str(run) in busy.json["message"]) == (409, "EXPERIMENT_BUSY", True)
    assert house.gateway.rest("GET", f"/api/experiments/{name}").json["state"] == "ACTIVE"
    house.delete(name, "?force=true")
    house.gone(name)
    new = house.loaded(name)
    assert house.traces(old) == []
    assert old != new
    for table, count in ROWS.items():
        sql = {"sql": f"SELECT COUNT(*) AS n FROM {table}"}
        assert house.gateway.rest("POST", f"/api/experiments/{name}/query", sql).json["rows"] == [[count]]
    house.delete(name)


def test_a_load_that_would_begin_after_the_deletion_does_not(house: House, name: str) -> None:
    """The loader was away while the run ended; when it is back, it reads the events of an id that is going."""
    with down(house, "loader"):
        old = house.imported(name)
        made = house.gateway.rest("POST", f"/api/experiments/{name}/generate", {"wait": True})
        assert made.json["status"] == "COMPLETED"
        assert house.delete(name).json["done"] is False
    house.gone(name)
    new = house.imported(name)
    assert house.traces(old) == []
    assert house.gateway.rest("GET", f"/api/experiments/{name}/runs").json["runs"] == []
    loads = house.gateway.rest("GET", f"/api/loads?experiment={name}").json["loads"]
    assert new not in {load["experiment_id"] for load in loads}
    assert house.traces(new) == []
    house.delete(name)


def test_a_stale_etag_deletes_nothing(house: House, name: str) -> None:
    """Who looked at revision 1 did not mean to delete revision 2."""
    house.imported(name)
    etag = house.gateway.rest("GET", f"/api/experiments/{name}").json["etag"]
    changed = house.gateway.rest("PUT", f"/api/experiments/{name}", {"description": "x", "tables": _tables()})
    assert changed.status == 200, changed.body
    answer = house.delete(name, f"?etag={etag}")
    assert (answer.status, answer.reason) == (409, "ETAG_MISMATCH")
    house.delete(name, f"?etag={changed.json['experiment']['etag']}")
    house.gone(name)


def _tables() -> list[dict[str, object]]:
    return [{"name": "t", "columns": [{"name": "a", "data_type": "INT"}]}]
