"""The client's words for every noun: experiments, runs, loads, queries; asynchronous, and blocking where it differs."""

import json
import uuid
from pathlib import Path

import dwsim
import pytest

from tests.python_client.conftest import DDL, ROWS


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"x{uuid.uuid4().hex[:10]}"


async def test_an_experiment_is_made_listed_exported_and_deleted(
    client: dwsim.AsyncClient, name: str, tmp_path: Path
) -> None:
    """The whole life of the first noun, from a file."""
    file = tmp_path / "schema.sql"
    file.write_text(DDL)
    made = await client.experiments.create(name, ddl=file, dialect="redshift", warehouse="sqlite", rows=ROWS)
    assert (made.tables, made.dialect, made.warehouse) == (("customers", "orders"), "REDSHIFT", "SQLITE")
    assert any(found.code == "RULES_INFERRED" for found in made.diagnostics)
    assert [found.name for found in await client.experiments.list(search=name)] == [name]
    document = json.loads(await client.experiments.export(name, as_="json"))
    assert await client.experiments.delete(name)
    again = await client.experiments.create(spec=document)
    assert again.tables == made.tables
    assert await client.experiments.delete(name)
    with pytest.raises(dwsim.NotFound) as caught:
        await client.experiments.get(name)
    assert caught.value.reason == "UNKNOWN_EXPERIMENT"


async def test_a_run_and_its_load_are_followed_to_their_end(client: dwsim.AsyncClient, name: str) -> None:
    """Each step by itself, for those who want to see it."""
    await client.experiments.create(name, ddl=DDL, dialect="redshift", warehouse="sqlite")
    started = await client.runs.start(name, rows=ROWS, seed=3, load=False)
    seen = [run.state async for run in client.runs.follow(started.id)]
    assert seen[-1] == "COMPLETED"
    assert (await client.runs.wait(started.id, timeout=60)).rows == ROWS
    load = await client.loads.start(run_id=started.id)
    assert (await client.loads.wait(load.id, timeout=60)).state == "COMPLETED"
    appended = await client.loads.start(run_id=started.id, mode="append")
    assert (await client.loads.wait(appended.id, timeout=60)).mode == "APPEND"
    assert await (await client.query("SELECT COUNT(*) FROM orders", name)).scalar() == 100  # a run is appended once
    assert [found.id for found in await client.loads.list(name)] == [appended.id, load.id]
    assert [table.name for table in await client.tables(name)] == ["customers", "orders"]
    assert {c.name for c in (await client.describe(name, "customers")).columns} == {"customer_id", "email"}
    assert await client.experiments.delete(name)


async def test_a_run_that_ends_badly_says_why(client: dwsim.AsyncClient, name: str) -> None:
    """Waiting for success must not answer with failure."""
    await client.experiments.create(name, ddl=DDL, dialect="redshift", warehouse="sqlite")
    started = await client.runs.start(name, rows={"customers": 10, "orders": 50_000_000}, load=False)
    with pytest.raises(dwsim.TimedOut):
        await client.runs.wait(started.id, timeout=0.01)
    await client.runs.abort(started.id)
    with pytest.raises(dwsim.OperationFailed) as caught:
        await client.runs.wait(started.id, timeout=60)
    assert caught.value.message.startswith(f"run {started.id} was aborted")
    assert await client.experiments.delete(name, force=True)


def test_the_blocking_client_does_the_same_without_await(wh: dwsim.Warehouse, name: str) -> None:
    """Scripts and notebooks."""
    with dwsim.connect(wh.address) as client:
        client.experiments.create(name, ddl=DDL, dialect="redshift", warehouse="sqlite")
        filled = client.generate(name, rows=ROWS, seed=3, timeout=60)
        assert (filled.run.state, filled.load.rows) == ("COMPLETED", ROWS)
        assert [run.state for run in client.runs.follow(filled.run.id)] == ["COMPLETED"]
        assert client.query("SELECT COUNT(*) FROM orders", name).scalar() == 100
        assert "orders" in client.explain("SELECT * FROM orders", name)
        assert client.translate("SELECT NVL(1, 2)", name).verdict == "EXACT"
        client.experiments.delete(name)


def test_words_that_the_contract_does_not_have_are_answered_with_those_it_has(wh: dwsim.Warehouse) -> None:
    """Before anything is sent."""
    for call in (
        lambda: wh.client.runs.start("any", kind="half"),
        lambda: wh.client.loads.start("any", mode="replace"),
        lambda: wh.query("SELECT 1", dialect="oracle"),
        lambda: wh.client.experiments.create("any", ddl=DDL, spec="{}"),
    ):
        with pytest.raises(dwsim.InvalidInput) as caught:
            call()
        assert caught.value.hint


def test_a_gateway_that_does_not_answer_is_named() -> None:
    """The most frequent mistake of all."""
    with dwsim.connect("127.0.0.1:1") as client, pytest.raises(dwsim.Unavailable) as caught:
        client.experiments.list()
    assert "127.0.0.1:1" in caught.value.message


def test_a_directory_without_a_stack_is_not_answered_by_another_one(tmp_path: Path) -> None:
    """A directory that was named is a promise."""
    with pytest.raises(dwsim.Unavailable) as caught:
        dwsim.connect(data_dir=tmp_path)
    assert caught.value.reason == "NO_STACK"
