"""`dw-sim up --warehouse snowflake`: the main job over Snowflake's emulator, from the command line and by REST."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

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
    command = [sys.executable, "-m", "dwsim_cli.main", "--data-dir", str(data), "query", "shop", "SELECT 1"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode != 0
    assert "queries on SNOWFLAKE are not served yet" in refused.stderr


def _dw_sim(data: Path, *words: object) -> Any:
    command = [sys.executable, "-m", "dwsim_cli.main", "--data-dir", str(data), "--json", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
