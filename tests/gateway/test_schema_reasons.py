"""Every reason that the schema service's errors may have, produced through REST by a case of its own."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from dwsim.schema.v1.error_reason_pb2 import ErrorReason

from tests.gateway.conftest import addresses, gateway_process
from tests.gateway.doors import Answer, Gateway
from tests.processes import ServiceProcess, service_process, wait_for

COLUMN = {"name": "a", "data_type": "INT"}
TABLE = {"name": "t", "columns": [COLUMN]}
SQL = "CREATE TABLE t (id INT PRIMARY KEY);"
LARGE = "".join(f"CREATE TABLE t{n} (id INT PRIMARY KEY, a VARCHAR(10), b TIMESTAMP);\n" for n in range(1500))
NOT_SENT = {
    "ERROR_REASON_UNSPECIFIED": "by definition",
    "NOT_YET_AVAILABLE": "every rpc and option is served; kept for those to come",
    "EXPERIMENT_BUSY": "needs a generator with an active run: test_deletion.py and test_rest.py have it",
}

ELSEWHERE = {"UNAVAILABLE"}
"""Reasons that take long and that another test of every day produces: test_resilience.py."""


@dataclass(frozen=True)
class Door:
    """A gateway to a schema service that is alone, with its data directory."""

    gateway: Gateway
    data_dir: Path
    process: ServiceProcess

    def import_sql(self, sql: str = SQL, **more: object) -> Answer:
        body = {"name": f"x{uuid.uuid4().hex[:10]}", "sql": sql} | more
        return self.gateway.rest("POST", "/api/experiments/import-sql", body)

    def import_spec(self, spec: str) -> Answer:
        return self.gateway.rest("POST", "/api/experiments/import-spec", {"spec": spec})

    def create(self, *tables: Mapping[str, object], **more: object) -> Answer:
        document = {"name": f"x{uuid.uuid4().hex[:10]}", "tables": list(tables)} | more
        return self.gateway.rest("POST", "/api/experiments", document)

    def get(self, path: str) -> Answer:
        return self.gateway.rest("GET", f"/api/experiments{path}")

    def made(self) -> str:
        """Name of a new experiment."""
        return str(self.import_sql().json["experiment"]["name"])


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Its peers are down, so that deletions stay under way."""
    folder = tmp_path_factory.mktemp("reasons")
    settings = {"SCHEMA_DELETE_WAIT_SECONDS": "0", "SCHEMA_PARSE_PROCESSES": "1", "SCHEMA_PARSE_WAITING": "0"}
    nobody = {f"{peer}_ADDRESS": "127.0.0.1:1" for peer in ("GENERATOR", "LOADER")}
    environment = {f"DW_SIMULATOR_{name}": value for name, value in (settings | nobody).items()}
    with (
        service_process("schema", folder, environment=environment) as schema,
        gateway_process(folder, *addresses(schema=schema.address())) as started,
    ):
        yield Door(started[0], folder, schema)


def column(**facts: object) -> dict[str, object]:
    return {"name": "t", "columns": [COLUMN | facts]}


def _taken(door: Door) -> Answer:
    return door.import_sql(name=door.made())


def _stale(door: Door) -> Answer:
    return door.gateway.rest("PUT", f"/api/experiments/{door.made()}", {"tables": [TABLE], "etag": "1-old"})


def _deleting(door: Door) -> Answer:
    name = door.made()
    door.gateway.rest("DELETE", f"/api/experiments/{name}?force=true")
    return door.gateway.rest("PUT", f"/api/experiments/{name}", {"tables": [TABLE]})


def _reused(door: Door) -> Answer:
    identity = uuid.uuid4().hex
    assert door.import_sql(request_id=identity).status == 200
    return door.import_sql(SQL.replace("t", "u", 1), request_id=identity)


def _second_table(door: Door) -> Answer:
    return door.gateway.rest("POST", f"/api/experiments/{door.made()}/tables", {"sql": SQL})


def _crowd(door: Door) -> Answer:
    """One text is parsed and none may wait: of several at once some are refused."""
    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(door.import_sql, [LARGE] * 4))
    return next(answer for answer in answers if answer.status != 200)


def _slow(door: Door) -> Answer:
    """A service that gives a text next to no time."""
    folder = door.data_dir / "slow"
    environment = {"DW_SIMULATOR_SCHEMA_PARSE_SECONDS": "0.01"}
    with (
        service_process("schema", folder, environment=environment) as schema,
        gateway_process(folder, *addresses(schema=schema.address())) as started,
    ):
        return Door(started[0], folder, schema).import_sql(LARGE)


def _broken(door: Door) -> Answer:
    """A service whose tables were taken away: a defect, as far as it can know."""
    folder = door.data_dir / "broken"
    with (
        service_process("schema", folder) as schema,
        gateway_process(folder, *addresses(schema=schema.address())) as started,
    ):
        with closing(sqlite3.connect(folder / "metadata/schema.db", timeout=30)) as database, database:
            database.execute("ALTER TABLE experiments RENAME TO away")
        return Door(started[0], folder, schema).get("")


def _down(door: Door) -> Answer:
    """Nobody listens where the service should be."""
    with gateway_process(door.data_dir / "down", *addresses()) as started:
        return started[0].rest("GET", "/api/experiments")


def _child(referenced: str) -> dict[str, object]:
    key = {"references_table": "t", "references_column": referenced}
    return {"name": "child", "columns": [COLUMN | {"foreign_key": key}]}


CYCLE = (
    "CREATE TABLE a (id INT PRIMARY KEY, b INT NOT NULL REFERENCES b (id));"
    "CREATE TABLE b (id INT PRIMARY KEY, a INT NOT NULL REFERENCES a (id));"
)
UNIQUE_FLAG = {
    "name": "t",
    "columns": [{"name": "a", "data_type": "BOOLEAN", "is_unique": True, "required": True}],
    "target_rows": 3,
}
"""Three rows of a column that has two values."""
NOWHERE = {"references_table": "nothing"}
TO_TABLE = {"references_table": "t", "references_column": "a", "parent_choice": {"fan_out": {"min": 1, "max": 2}}}
CROWDED = {"name": "c", "target_rows": 9, "columns": [COLUMN | {"foreign_key": TO_TABLE}]}
"""Nine children of two parents that have at most two each."""
CASES: Mapping[str, tuple[int, Callable[[Door], Answer]]] = {
    "INTERNAL": (500, _broken),
    "UNAVAILABLE": (503, _down),
    "INVALID_PAGE_TOKEN": (400, lambda door: door.get("?page_token=nonsense")),
    "INVALID_ARGUMENT": (400, lambda door: door.get("?page_size=-1")),
    "UNKNOWN_EXPERIMENT": (404, lambda door: door.get("/nowhere")),
    "UNKNOWN_TABLE": (404, lambda door: door.get(f"/{door.made()}?tables=nothing")),
    "EXPERIMENT_EXISTS": (409, _taken),
    "TABLE_EXISTS": (409, _second_table),
    "INVALID_NAME": (400, lambda door: door.import_sql(name="no name")),
    "EMPTY_DOCUMENT": (400, lambda door: door.import_spec(" ")),
    "INVALID_SQL": (400, lambda door: door.import_sql("SELECT 1")),
    "UNKNOWN_DIALECT": (400, lambda door: door.import_sql(dialect="CLICKHOUSE")),
    "INVALID_DOCUMENT": (400, lambda door: door.import_spec('{"name": ')),
    "INVALID_EXPERIMENT": (400, lambda door: door.create(column(data_type="NO_TYPE"))),
    "UNKNOWN_REFERENCED_TABLE": (400, lambda door: door.create(column(foreign_key=NOWHERE))),
    "UNKNOWN_REFERENCED_COLUMN": (400, lambda door: door.create(TABLE, _child("nothing"))),
    "REFERENCE_NOT_UNIQUE": (400, lambda door: door.create(TABLE, _child("a"))),
    "REQUIRED_CYCLE": (400, lambda door: door.import_sql(CYCLE)),
    "INVALID_ROW_COUNT": (400, lambda door: door.create(TABLE | {"target_rows": -1})),
    "ETAG_MISMATCH": (409, _stale),
    "UNKNOWN_REVISION": (404, lambda door: door.get(f"/{door.made()}?revision=7")),
    "EXPERIMENT_DELETING": (409, _deleting),
    "TOO_COMPLEX": (429, lambda door: door.import_spec("[" * 10_000)),
    "PARSE_TIMEOUT": (504, _slow),
    "REQUEST_ID_REUSED": (409, _reused),
    "TOO_MANY_TEXTS": (429, _crowd),
    "DOMAIN_TOO_SMALL": (400, lambda door: door.create(UNIQUE_FLAG)),
    "IMPOSSIBLE_FAN_OUT": (400, lambda door: door.create(TABLE | {"target_rows": 2, "primary_key": ["a"]}, CROWDED)),
    "RULE_MISFIT": (400, lambda door: door.create(column(rule={"boolean": {"true_fraction": 0.5}}))),
    "INVALID_DISTRIBUTION": (400, lambda door: door.create(column(distribution={"type": "cauchy"}))),
    "INVALID_KEY": (400, lambda door: door.create(TABLE | {"primary_key": ["nothing"]})),
    "NAME_COLLISION": (400, lambda door: door.create(TABLE, TABLE | {"name": "T"})),
    "INVALID_CORRELATION": (400, lambda door: door.create(TABLE | {"correlations": [{"columns": ["a"]}]})),
    "INVALID_EXPRESSION": (400, lambda door: door.create(TABLE | {"checks": ["(a > 1"]})),
    "UNKNOWN_PROVIDER": (400, lambda door: door.create(column(data_type="VARCHAR(80)", faker_rule="emial"))),
}


def test_every_reason_of_the_contract_has_a_case() -> None:
    """A reason that nobody can produce is one that no client needs to handle."""
    assert set(CASES) | set(NOT_SENT) == set(ErrorReason.keys())
    assert not set(CASES) & set(NOT_SENT)


@pytest.mark.parametrize(
    "reason", [pytest.param(reason, marks=[pytest.mark.slow] if reason in ELSEWHERE else []) for reason in CASES]
)
def test_a_reason_travels_with_its_status_message_and_hint(reason: str, door: Door) -> None:
    """What a program switches on, and what a person reads; nothing of the server's inside."""
    status, case = CASES[reason]
    answer = case(door)
    assert (answer.reason, answer.status) == (reason, status), answer.body[:500]
    assert answer.json["message"]
    for internal in ("Traceback", "sqlalchemy", "sqlite3.", ".py"):
        assert internal not in json.dumps(answer.json)


def test_a_service_that_refused_all_of_that_still_works(door: Door) -> None:
    """Errors cost nothing that stays."""
    assert wait_for(lambda: door.get(f"/{door.made()}").status == 200, "an answer", 20)
