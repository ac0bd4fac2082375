"""`dw-sim up --warehouse snowflake`: the main job over Snowflake's emulator, from the command line and by REST."""

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1 import query_service_pb2_grpc

from dwsim_wire.client import call, open_channel
from dwsim_wire.settings import DEFAULT_PORTS
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_url import Account

pytestmark = pytest.mark.xdist_group("cli")
ANY_PORTS = [word for name in (*DEFAULT_PORTS, "gateway", "snowflake") for word in (f"--{name}-port", "0")]
DDL = """
CREATE TABLE customers (customer_id NUMBER(38,0) PRIMARY KEY, name VARCHAR(40), facts VARIANT);
CREATE TABLE orders (order_id NUMBER(38,0) PRIMARY KEY, customer_id NUMBER(38,0) NOT NULL
  REFERENCES customers (customer_id), amount NUMBER(10,2), at TIMESTAMP_NTZ);
"""
QUERY = "SELECT COUNT(*), COUNT(DISTINCT o.order_id), 7 / 2 FROM orders o JOIN customers c USING (customer_id)"
ANSWER = [[3000, 3000, "3.500000"]]


def test_a_stack_loads_into_its_own_snowflake(tmp_path: Path) -> None:
    """Without an account: the emulator comes and goes with the stack, and keeps what it has."""
    data, ddl = tmp_path / "data", tmp_path / "shop.sql"
    ddl.write_text(DDL)
    flags = ["--json", "--quiet", "--warehouse", "snowflake", "--data-dir", str(data), *ANY_PORTS]
    with subprocess.Popen(
        [sys.executable, "-m", "dwsim_cli.main", "up", *flags], stdout=subprocess.PIPE, text=True
    ) as up:
        try:
            assert up.stdout
            announced = json.loads(up.stdout.readline())
            children = psutil.Process(up.pid).children(recursive=True)
            _generate_and_load(data, ddl, announced)
            up.send_signal(signal.SIGINT)
            assert up.wait(40) == 0
            assert not any(child.is_running() for child in children)
        finally:
            up.kill()
    assert (data / "warehouses/snowflake/DW_SIMULATOR.db").exists()


def _generate_and_load(data: Path, ddl: Path, announced: dict[str, Any]) -> None:
    _dw_sim(data, "experiment", "import-sql", ddl, "--name", "shop", "--dialect", "snowflake")
    made = _dw_sim(data, "experiment", "generate", "shop", "--rows", "ORDERS=3000")
    load = made["load"]
    assert (load["state"], load["warehouse"], load["statistics"]["inserted"]) == ("COMPLETED", "SNOWFLAKE", "4000")
    with urllib.request.urlopen(f"http://{announced['addresses']['gateway']}/api/warehouses") as answer:
        first = json.load(answer)["warehouses"][0]
    assert (first["kind"], first["reachable"], first["stand_in"]) == ("SNOWFLAKE", True, True)
    session = Session(Account.parse(announced["warehouses"]["snowflake"]))
    session.enter("SHOP")
    assert session.run("SELECT COUNT(*), COUNT(DISTINCT ORDER_ID) FROM ORDERS") == [(3000, 3000)]
    assert session.run("SELECT COUNT(*) FROM ORDERS o JOIN CUSTOMERS c USING (CUSTOMER_ID)") == [(3000,)]
    session.close()
    _query(data, announced["addresses"])


def _query(data: Path, addresses: dict[str, str]) -> None:
    """The same rows from the command line, by REST and by gRPC."""
    told = _dw_sim(data, "query", "shop", QUERY)
    assert [list(row.values()) if isinstance(row, dict) else row for row in told["rows"]] == ANSWER, told
    body = json.dumps({"experiment": "shop", "sql": QUERY}).encode()
    request = urllib.request.Request(
        f"http://{addresses['gateway']}/api/query", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["rows"] == ANSWER
    asyncio.run(_query_by_grpc(addresses["gateway"]))


async def _query_by_grpc(address: str) -> None:
    async with open_channel(address) as channel:
        stub = query_service_pb2_grpc.QueryServiceStub(channel)
        found = await call(stub.RunQuery, pb.RunQueryRequest(experiment="shop", sql=QUERY), timeout=60)
        assert [list(row) for row in found.rows] == ANSWER
        tables = (await call(stub.ListTables, pb.ListTablesRequest(experiment="shop"))).tables
        assert sorted(table.name.upper() for table in tables) == ["CUSTOMERS", "ORDERS"]


def _dw_sim(data: Path, *words: object) -> Any:
    command = [sys.executable, "-m", "dwsim_cli.main", "--data-dir", str(data), "--json", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
