"""Exports: importing the text gives an equal experiment."""

from pathlib import Path

import pytest

from schema_svc.core.document import import_spec
from schema_svc.core.export import export_ddl, export_json, export_yaml
from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.model import Experiment
from schema_svc.core.vocabulary import Dialect
from tests.golden.ddl_goldens import TEXTS, order_of

WHOLE_TEXTS = [path for path in TEXTS if "odd" not in path.stem]


def experiment_of(path: Path) -> Experiment:
    """The experiment of a golden text."""
    return import_sql(order_of(path)).experiment


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_json_and_yaml_give_the_experiment_back(path: Path) -> None:
    """A document can be taken out, edited, and put in again."""
    experiment = experiment_of(path)
    assert import_spec(export_json(experiment)) == experiment
    assert import_spec(export_yaml(experiment)) == experiment


@pytest.mark.parametrize("path", WHOLE_TEXTS, ids=lambda path: path.stem)
def test_ddl_gives_the_experiment_back(path: Path) -> None:
    """Types, keys, defaults and the warehouse's own clauses survive the way out and in."""
    experiment = experiment_of(path)
    text, unsaid = export_ddl(experiment, Dialect.NAME_UNSPECIFIED)
    again = import_sql(SqlImport(experiment.name, text, experiment.dialect, infer_rules=False)).experiment
    assert again.document() == experiment.document()
    assert {diagnostic.code for diagnostic in unsaid} <= {"NOT_IN_DDL"}


def test_ddl_runs_from_top_to_bottom() -> None:
    """A key to a table further down follows as ALTER TABLE."""
    sql = (
        "CREATE TABLE a (id INT PRIMARY KEY, b INT REFERENCES b (id), boss INT REFERENCES a (id));"
        "CREATE TABLE b (id INT PRIMARY KEY, a INT REFERENCES a (id));"
    )
    experiment = import_sql(SqlImport("shop", sql)).experiment
    text, _ = export_ddl(experiment, Dialect.REDSHIFT)
    assert text.count("ALTER TABLE a ADD FOREIGN KEY") == 2
    assert "FOREIGN KEY (a) REFERENCES a (id)\n" in text
    assert import_sql(SqlImport("shop", text)).experiment == experiment


def test_names_that_need_quotes_get_them() -> None:
    """Reserved words and blanks are names too."""
    sql = 'CREATE TABLE "order" ("select" INT, "a ""b""" INT) SORTKEY ("select");'
    experiment = import_sql(SqlImport("shop", sql)).experiment
    text, _ = export_ddl(experiment, Dialect.REDSHIFT)
    assert import_sql(SqlImport("shop", text)).experiment == experiment
