"""Files of experiments: imported and checked by their suffix, errors with a caret, exports, the JSON Schema."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from dwsim_cli.faults import INVALID, OK
from tests.dwsim_cli.conftest import DwSim
from tests.processes import service_process

SQL = "CREATE TABLE t (id INT PRIMARY KEY DISTKEY, name VARCHAR(10) ENCODE zstd);\n"
SHORT = "schema:\n  t:\n    count: 10\n    fields:\n      id: serial\n      name: {type: string, length: 10}\n"
BROKEN = "name: shop\ntables:\n  - name: t\n    columns:\n      - {name: a, data_type: INTT}\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A schema service on a port of its own."""
    with service_process("schema", tmp_path_factory.mktemp("files") / "data") as service:
        yield service.address()


@pytest.fixture
def sim(address: str, dw_sim: DwSim, monkeypatch: pytest.MonkeyPatch) -> DwSim:
    """`dw-sim` beside it."""
    monkeypatch.setenv("DW_SIMULATOR_SCHEMA_ADDRESS", address)
    return dw_sim


def test_a_file_is_imported_by_its_suffix(sim: DwSim, tmp_path: Path) -> None:
    """One command for whatever people have."""
    (tmp_path / "from_sql.sql").write_text(SQL)
    (tmp_path / "short.yaml").write_text(SHORT)
    assert sim("experiment", "import", tmp_path / "from_sql.sql", "--quiet").code == OK
    done = sim("experiment", "import", tmp_path / "short.yaml", "--name", "from_yaml", "--quiet")
    assert (done.code, "1 tables, 2 columns" in done.out) == (OK, True)
    done = sim("experiment", "import", tmp_path / "short.yaml", "--dialect", "redshift")
    assert (done.code, "a document says it itself" in done.err) == (INVALID, True)
    done = sim("experiment", "import", tmp_path / "short.yaml", "--target-warehouse", "snowflake")
    assert (done.code, "--target-warehouse is for DDL" in done.err) == (INVALID, True)
    done = sim("experiment", "validate", tmp_path / "short.yaml", "--no-infer-rules")
    assert (done.code, "--no-infer-rules is for DDL" in done.err) == (INVALID, True)


def test_a_format_that_is_said_is_taken(sim: DwSim, tmp_path: Path) -> None:
    """YAML may begin with a brace too."""
    flow = "{name: flow, schema: {t: {fields: {id: serial}}}}  # all in one line\n"
    (tmp_path / "flow.txt").write_text(flow)
    done = sim("experiment", "validate", tmp_path / "flow.txt", "--format", "yaml")
    assert (done.code, "flow is valid" in done.out) == (OK, True)


def test_a_refused_statement_is_told_once_with_its_line(sim: DwSim, tmp_path: Path) -> None:
    """Reading the same fact twice makes people look for a second one."""
    (tmp_path / "two.sql").write_text(SQL + "CREATE TABLE broken (a INT,, b INT);\n")
    done = sim("experiment", "validate", tmp_path / "two.sql")
    assert (done.code, done.err.count("a column is expected between the commas")) == (OK, 1)
    assert f"{tmp_path / 'two.sql'}:2:28" in done.err


def test_an_unknown_suffix_is_asked_for(sim: DwSim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input has no suffix either."""
    (tmp_path / "notes.txt").write_text(SQL)
    done = sim("experiment", "validate", tmp_path / "notes.txt")
    assert (done.code, "--format" in done.err) == (INVALID, True)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SQL.encode())))
    done = sim("experiment", "validate", "-", "--format", "sql", "--name", "piped")
    assert (done.code, "is valid; nothing was stored" in done.out) == (OK, True)


def test_a_mistake_is_shown_with_its_line(sim: DwSim, tmp_path: Path) -> None:
    """The eye needs no counting."""
    (tmp_path / "shop.yaml").write_text(BROKEN)
    done = sim("experiment", "validate", tmp_path / "shop.yaml")
    assert done.code == INVALID
    assert "tables[0].columns[0].data_type: INTT is not a type: did you mean" in done.err
    assert (
        f"--> {tmp_path / 'shop.yaml'}:5:19\n5 |       - {{name: a, data_type: INTT}}\n  |                   ^"
        in done.err
    )


def test_bad_sql_is_shown_with_its_line(sim: DwSim, tmp_path: Path) -> None:
    """Refused statements too, though the others are imported."""
    (tmp_path / "shop.sql").write_text(SQL + "CREATE TABLE u (a NOTATYPE);\n")
    done = sim("experiment", "validate", tmp_path / "shop.sql")
    assert "shop.sql:2:19\n2 | CREATE TABLE u (a NOTATYPE);\n  |                   ^" in done.err


@pytest.mark.parametrize(
    "dialect", ["redshift", "snowflake", "postgres", "sqlite", "clickhouse", "duckdb", "databricks"]
)
def test_an_export_is_written_in_any_dialect(dialect: str, sim: DwSim, tmp_path: Path) -> None:
    """What the dialect lacks is said on standard error, the text is in the file."""
    (tmp_path / f"to_{dialect}.sql").write_text(SQL)
    assert sim("experiment", "import", tmp_path / f"to_{dialect}.sql", "--quiet").code == OK
    to = tmp_path / "out.sql"
    done = sim("experiment", "export", f"to_{dialect}", "--format", "ddl", "--dialect", dialect, "--output", to)
    assert done.code == OK
    assert to.read_text().startswith("CREATE TABLE t (")
    assert ("has no distkey" in done.err) == (dialect != "redshift")


def test_the_json_schema_judges_what_is_exported(sim: DwSim, tmp_path: Path) -> None:
    """From an editor to an import and back."""
    (tmp_path / "judged.sql").write_text(SQL)
    assert sim("experiment", "import", tmp_path / "judged.sql", "--quiet").code == OK
    schema = json.loads(sim("schema", "json-schema").out)
    assert sim("schema", "json-schema", "--output", tmp_path / "s.json").code == OK
    assert json.loads((tmp_path / "s.json").read_text()) == schema
    judge = Draft202012Validator(schema)
    assert list(judge.iter_errors(sim("experiment", "export", "judged").document)) == []
    assert list(judge.iter_errors(yaml.safe_load(sim("experiment", "export", "judged", "--format", "yaml").out))) == []
    assert list(judge.iter_errors(yaml.safe_load(BROKEN.replace("data_type", "datatype"))))
