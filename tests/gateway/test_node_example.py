"""The Node example reads an Arrow stream through the gateway, with the packages of tests/gateway_web."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import dwsim
import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/node"
PACKAGES = ROOT / "tests/gateway_web"
DDL = "CREATE TABLE orders (order_id BIGINT PRIMARY KEY, amount DECIMAL(10,2) NOT NULL, ordered_on DATE NOT NULL)"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example, as if its packages had been installed."""
    shutil.copytree(EXAMPLE, tmp_path / "node", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "node/node_modules").symlink_to(PACKAGES / "node_modules")
    return tmp_path / "node/read_arrow.js"


def run(script: Path, gateway: str, *words: str) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node, "there is no node; install Node.js 20 or newer"
    environment = os.environ | {"DWSIM_GATEWAY": gateway}
    return subprocess.run(
        [node, str(script), *words], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_node_example_prints_what_the_warehouse_has(stack_url: str, example: Path, name: str) -> None:
    """Every digit of a decimal and an integer arrives; a mistake is told with its reason."""
    with dwsim.connect(stack_url) as client:
        client.experiments.create(name, ddl=DDL, dialect="redshift", warehouse="sqlite")
        client.generate(name, rows={"orders": 300})
        sql = "SELECT order_id, -amount AS less, ordered_on, 9007199254740993 AS large FROM orders ORDER BY 1"
        expected = [
            {"order_id": key, "less": str(less), "ordered_on": str(day), "large": str(large)}
            for key, less, day, large in client.query(sql, name)
        ]
    done = run(example, stack_url, name, sql)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == expected
    assert "300 rows in" in done.stderr
    wrong = run(example, stack_url, name, "SELECT nope FROM orders")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "[UNKNOWN_COLUMN]" in wrong.stderr


def test_the_example_names_the_packages_that_it_is_tested_with() -> None:
    """Another version would be a promise that nobody has tried."""
    wanted = json.loads((EXAMPLE / "package.json").read_text())["dependencies"]
    tested = json.loads((PACKAGES / "package.json").read_text())["dependencies"]
    assert wanted.items() <= tested.items()
