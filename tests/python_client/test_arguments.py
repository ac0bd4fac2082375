"""Wrong arguments are told by their names, before anybody is asked."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dwsim
import numpy as np
import pytest
from dwsim.arguments import check

UNTYPED: Any = dwsim
DDL = "CREATE TABLE t (a INT)"
DAY = date(2024, 1, 1)
WRONG: list[tuple[Callable[..., Any], str, str]] = [
    (lambda _: UNTYPED.warehouse("sqlite", DDL, rows={"t": "x"}), "rows['t'] is 'x'", "an integer"),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, rows={"t": 1.5}), "rows['t'] is 1.5", "an integer"),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, rows={"t": True}), "rows['t'] is True", "an integer"),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, rows={1: 1}), "a key of rows is 1", "a text"),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, rows=[("t", 1)]), "rows is [('t', 1)]", "a mapping or None"),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, rows=5), "rows is 5", "a mapping or None"),
    (lambda _: UNTYPED.warehouse("sqlite", 5), "ddl is 5", "a text or a Path or a mapping"),
    (lambda _: UNTYPED.warehouse(["sqlite"], DDL), "kind is ['sqlite']", "a text"),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, seed="1"), "seed is '1'", "an integer"),
    (
        lambda _: UNTYPED.warehouse("sqlite", DDL, as_of=date(2024, 1, 1)),
        "as_of is datetime.date(2024, 1, 1)",
        "a text",
    ),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, fresh="no"), "fresh is 'no'", "True or False"),
    (lambda _: UNTYPED.warehouse("sqlite", DDL, data_dir=3), "data_dir is 3", "a text or a Path or None"),
    (lambda _: UNTYPED.connect(7), "address is 7", "a text"),
    (lambda c: c.query(None), "sql is None", "a text"),
    (lambda c: c.query("SELECT 1", max_rows="5"), "max_rows is '5'", "an integer"),
    (lambda c: c.query("SELECT 1", timeout="5"), "timeout is '5'", "a number"),
    (lambda c: c.query("SELECT 1", dialect=3), "dialect is 3", "a text or None"),
    (lambda c: c.generate("shop", rows={"t": None}), "rows['t'] is None", "an integer"),
    (lambda c: c.generate("shop", tables="orders"), "tables is 'orders'", "a sequence"),
    (lambda c: c.generate("shop", tables=["orders", 3]), "tables[1] is 3", "a text"),
    (lambda c: c.export("SELECT 1", 5), "path is 5", "a text or a Path"),
    (lambda c: c.experiments.create("shop", ddl=b"CREATE"), "ddl is b'CREATE'", "a text or a Path or None"),
    (lambda c: c.experiments.get("shop", revision="1"), "revision is '1'", "an integer"),
    (lambda c: c.runs.get("1"), "run_id is '1'", "an integer"),
    (lambda c: list(c.runs.follow("1")), "run_id is '1'", "an integer"),
    (lambda c: c.loads.start(run_id="1"), "run_id is '1'", "an integer"),
    (lambda c: c.history(limit="all"), "limit is 'all'", "an integer or None"),
]
UNSENDABLE: list[Callable[[Any], Any]] = [
    lambda c: c.query("SELECT 1", max_rows=2**70),
    lambda c: c.runs.get(-(2**64)),
    lambda c: c.query("SELECT '\ud800'"),
    lambda c: c.experiments.create("shop", spec={"tables": {1, 2}}),
    lambda _: UNTYPED.warehouse("sqlite", {"tables": {1, 2}}).__enter__(),
]


@pytest.fixture(scope="module")
def client() -> dwsim.Client:
    """A client of nobody: whatever is asked in vain would say Unavailable."""
    return dwsim.connect("127.0.0.1:9")


@pytest.mark.parametrize(("ask", "message", "takes"), WRONG, ids=[f"{message}" for _, message, _ in WRONG])
def test_a_wrong_argument_is_told_by_its_name(
    client: dwsim.Client, ask: Callable[..., Any], message: str, takes: str
) -> None:
    """A TypeError from the depths of protobuf names neither the argument nor what it takes."""
    with pytest.raises(dwsim.InvalidInput) as wrong:
        ask(client)
    assert wrong.value.message == message
    assert wrong.value.hint == f"it takes {takes}"
    assert wrong.value.reason == "INVALID_ARGUMENT"


@pytest.mark.parametrize("ask", UNSENDABLE)
def test_what_no_message_holds_is_an_error_of_the_client(client: dwsim.Client, ask: Callable[..., Any]) -> None:
    """Right in type, and still not to be sent."""
    with pytest.raises(dwsim.InvalidInput):
        ask(client)


def test_a_name_that_no_argument_has_is_pythons_own_error(client: dwsim.Client) -> None:
    """Editors and type checkers know it."""
    with pytest.raises(TypeError, match="max_row"):
        client.query("SELECT 1", max_row=5)  # type: ignore[call-arg]  # that is what is tried


def test_numbers_of_other_libraries_are_numbers() -> None:
    """Counts come out of NumPy and pandas."""
    rows = {"t": np.int64(5)}
    check(dwsim.AsyncClient.query, (None, "SELECT 1"), {"max_rows": np.int32(5), "timeout": np.float32(1)})
    check(dwsim.warehouse.__wrapped__, ("sqlite", Path("x.sql")), {"rows": rows, "seed": np.uint8(1)})  # type: ignore[attr-defined]  # contextmanager wraps it
