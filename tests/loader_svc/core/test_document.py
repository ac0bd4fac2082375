"""The document and the names that tables get, without any service."""

from loader_svc.core import naming
from loader_svc.core.document import Column, ForeignKey, LogicalType, parse_experiment, read_table, table_facts
from tests.loader_svc.staged_runs import SHOP


def test_keys_are_collected_from_wherever_the_document_has_them() -> None:
    """Columns, unique keys and composite keys all say that something is unique; indexes need them once."""
    table = {
        "name": "lines",
        "primary_key": ["_row_id"],
        "composite_keys": [{"columns": ["order_id", "line_no"]}],
        "unique_keys": [{"columns": ["code"]}],
        "foreign_keys": [{"columns": ["a", "b"], "references_table": "p", "references_columns": ["x", "y"]}],
        "columns": [
            {"name": "_row_id", "is_unique": True, "source_type": "INTEGER", "data_type": "INT"},
            {"name": "code", "is_unique": True, "logical_type": {"kind": "ARRAY", "element": {"kind": "INT16"}}},
            {"name": "order_id", "foreign_key": {"references_table": "orders", "references_column": "id"}},
        ],
    }
    experiment = parse_experiment({"dialect": "SNOWFLAKE", "constraints": "ENFORCED", "tables": [table]})
    assert (experiment.dialect, experiment.enforced, experiment.target_warehouse) == ("SNOWFLAKE", True, "")
    [lines] = experiment.tables
    assert lines.primary_key == ("_row_id",)
    assert lines.unique_keys == (("code",), ("order_id", "line_no"))
    assert lines.foreign_keys == (ForeignKey(("order_id",), "orders", ("id",)), ForeignKey(("a", "b"), "p", ("x", "y")))
    assert lines.columns[0] == Column("_row_id", "INTEGER", LogicalType(""))
    assert lines.columns[1].logical_type.element == LogicalType("INT16")


def test_what_the_catalog_keeps_comes_back_whole() -> None:
    """A loader that lost its own database reads the target's catalog."""
    for table in parse_experiment(SHOP).tables:
        assert read_table(table_facts(table)) == table


def test_names_that_differ_in_case_alone_stay_apart() -> None:
    """Snowflake's quoted names may; SQLite's may not."""
    names = naming.targets(["Orders", "orders", "ORDERS_2", "sqlite_stat", "_dwsim_load"])
    assert names["Orders"] == "Orders"
    assert len({name.lower() for name in names.values()}) == 5
    assert not any(name.startswith(naming.RESERVED) for name in names.values())


def test_a_place_is_readable_and_never_shared() -> None:
    """A name is reused after its deletion; the old file must not be found under the new experiment."""
    first, second = naming.namespace("Größe 24/7", "id-1"), naming.namespace("Größe 24/7", "id-2")
    assert first != second
    assert first.startswith("gr__e_24_7_")
    assert naming.quoted('a"b') == '"a""b"'
