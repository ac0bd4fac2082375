"""`dw-sim up --stage s3`: the main job over the S3 stand-in, from the command line and by REST."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dwsim_wire import object_store
from dwsim_wire.settings import DEFAULT_PORTS
from dwsim_wire.staging import StagingRoot

pytestmark = pytest.mark.xdist_group("cli")
ANY_PORTS = [word for name in (*DEFAULT_PORTS, "gateway", "s3") for word in (f"--{name}-port", "0")]
DDL = """
CREATE TABLE customers (customer_id BIGINT PRIMARY KEY, name VARCHAR(40), score DECIMAL(9,2));
CREATE TABLE orders (order_id BIGINT PRIMARY KEY, customer_id BIGINT NOT NULL REFERENCES customers (customer_id));
"""


def test_a_stack_stages_in_its_own_bucket_and_loads_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a real bucket, whatever credentials for another one the shell has."""
    data, ddl = tmp_path / "data", tmp_path / "shop.sql"
    ddl.write_text(DDL)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another account")
    flags = ["--json", "--quiet", "--warehouse", "sqlite", "--stage", "s3", "--data-dir", str(data), *ANY_PORTS]
    with subprocess.Popen(
        [sys.executable, "-m", "dwsim_cli.main", "up", *flags], stdout=subprocess.PIPE, text=True
    ) as up:
        try:
            assert up.stdout
            announced = json.loads(up.stdout.readline())
            _generate_and_load(lambda *words: _dw_sim(data, *words), ddl, announced, tmp_path, monkeypatch)
            up.send_signal(signal.SIGINT)
            assert up.wait(40) == 0
        finally:
            up.kill()


def _generate_and_load(
    sim: Callable[..., Any], ddl: Path, announced: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim("experiment", "import-sql", ddl, "--name", "shop", "--dialect", "redshift")
    made = sim("experiment", "generate", "shop", "--rows", "orders=3000")
    assert made["run"]["staging_uri"] == f"s3://local/dw-simulator/staging/generated/shop/{made['run']['run_id']}"
    assert (made["load"]["state"], made["load"]["statistics"]["inserted"]) == ("COMPLETED", "4000")
    text = sim("experiment", "generate", "shop", "--format", "csv", "--output-dir", "s3://local/out")
    assert (text["run"]["format"], text["run"]["auto_load"], "load" in text) == ("CSV", False, False)
    with urllib.request.urlopen(
        f"http://{announced['addresses']['gateway']}/api/runs/{text['run']['run_id']}"
    ) as answer:
        assert json.load(answer)["format"] == "CSV"
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    monkeypatch.setenv("AWS_ENDPOINT_URL", announced["storage"]["s3"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dw_user")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dw_pass")
    file = StagingRoot.parse("s3://local/out/orders/part-00000.csv")
    content = object_store.Bucket(file.bucket).get(file)
    assert content is not None
    (folder / "orders.csv").write_bytes(content)
    with duckdb.connect() as connection:
        connection.execute(f"SELECT count(*), count(DISTINCT order_id) FROM '{folder}/orders.csv'")
        assert connection.fetchall() == [(1000, 1000)]


def _dw_sim(data: Path, *words: object) -> Any:
    command = [sys.executable, "-m", "dwsim_cli.main", "--data-dir", str(data), "--json", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
