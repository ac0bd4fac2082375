"""Staged files by REST: listed, counted by a dry run, cleaned; runs deleted with theirs, which the loader hears of."""

from pathlib import Path

import pytest

from tests.gateway.doors import Gateway
from tests.mesh.shop import ROWS, SHOP


@pytest.fixture
def shop(gateway: Gateway, name: str) -> str:
    """An experiment of four tables."""
    made = gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": SHOP, "table_rows": ROWS})
    assert made.status == 200, made.body
    return name


def staged(gateway: Gateway, experiment: str) -> list[Path]:
    """Staged files of an experiment, by pages."""
    files: list[Path] = []
    token = ""
    while True:
        path = f"/api/staging/files?experiment={experiment}&page_size=3&page_token={token}"
        page = gateway.rest("GET", path).json
        files += [Path(file["uri"].removeprefix("file://")) for file in page["files"]]
        token = page["next_page_token"]
        if not token:
            return files


def test_files_are_listed_counted_and_cleaned(gateway: Gateway, shop: str) -> None:
    """What curl sees, a script can act on; the run's history stays."""
    run = gateway.rest("POST", f"/api/experiments/{shop}/generate", {"wait": True, "auto_load": False}).json["run"]
    files = staged(gateway, shop)
    assert len(files) == sum(table["batches"] for table in run["tables"]) > 3
    assert all(file.is_file() for file in files)
    would = gateway.rest("POST", "/api/staging/clean", {"run_ids": [run["run_id"]], "dry_run": True})
    assert (would.status, would.json) == (200, {"files": len(files), "bytes": run["bytes_done"]})
    young = gateway.rest("POST", "/api/staging/clean", {"run_ids": [run["run_id"]], "older_than_days": 1})
    assert young.json == {"files": 0, "bytes": "0"}
    assert staged(gateway, shop) == files
    assert gateway.rest("POST", "/api/staging/clean", {"run_ids": [run["run_id"]]}).json == would.json
    assert staged(gateway, shop) == []
    assert not any(file.exists() for file in files)
    assert gateway.rest("GET", f"/api/runs/{run['run_id']}").json["state"] == "COMPLETED"
    missing = gateway.rest("POST", "/api/staging/clean", {"run_ids": [2**31 - 1]})
    assert (missing.status, missing.reason) == (404, "UNKNOWN_RUN")
    negative = gateway.rest("POST", "/api/staging/clean", {"older_than_days": -1})
    assert (negative.status, negative.reason) == (400, "INVALID_ARGUMENT")


def test_a_deleted_run_cannot_be_loaded_any_more(gateway: Gateway, shop: str) -> None:
    """The loader hears of the deletion from the log, and says what to do."""
    run_id = gateway.rest("POST", f"/api/experiments/{shop}/generate", {"wait": True, "auto_load": False}).json[
        "run_id"
    ]
    deleted = gateway.rest("POST", "/api/runs/delete", {"run_ids": [run_id]}).json
    assert (deleted["deleted_runs"], deleted["deleted_files"] > 3) == (1, True)
    assert gateway.rest("GET", f"/api/runs/{run_id}").reason == "UNKNOWN_RUN"
    refused = gateway.rest("POST", f"/api/experiments/{shop}/load", {"run_id": run_id, "wait": True})
    assert (refused.status, refused.reason) == (400, "FILES_DELETED")
    assert refused.hint
