"""What Redshift's tables look like, by the user's DDL."""

from dataclasses import replace

import pytest

from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.faults import SchemaMismatch
from loader_svc.warehouses.postgres_names import with_targets
from loader_svc.warehouses.redshift_ddl import create_table
from loader_svc.warehouses.redshift_types import copied_type, declared_type
from tests.referee.every_type import CASES

TEXT = LogicalType("STRING", length=10)


def table(properties: dict[str, str] | None = None, **columns: dict[str, str]) -> Table:
    """A table of columns `a` and "b b" with properties."""
    made = [Column(name, "INT", LogicalType("INT32"), properties=columns.get(name)) for name in ("a", "b b")]
    return with_targets(Table("t", tuple(made), properties=properties))


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ({}, ""),
        ({"diststyle": "all"}, " DISTSTYLE ALL"),
        ({"distkey": "A", "diststyle": "KEY", "backup": "NO"}, ' BACKUP NO DISTSTYLE KEY DISTKEY ("a")'),
        ({"sortkey": '"b b", a', "sortkey_style": "INTERLEAVED"}, ' INTERLEAVED SORTKEY ("b b", "a")'),
        ({"sortkey": "AUTO", "encode": "AUTO"}, " SORTKEY AUTO ENCODE AUTO"),
        ({"cluster_by": "of another dialect"}, ""),
    ],
)
def test_distribution_and_sort_keys_are_those_of_the_ddl(properties: dict[str, str], shown: str) -> None:
    """They decide how fast the table is: a user who simulates a warehouse wants their own."""
    assert create_table("s", table(properties), "REDSHIFT") == (
        f'CREATE TABLE IF NOT EXISTS "s" ("a" integer, "b b" integer){shown}'
    )


def test_encodings_are_those_of_the_ddl_and_turn_automatic_ones_off() -> None:
    """Redshift refuses ENCODE AUTO beside an encoding."""
    made = create_table("s", table({"encode": "AUTO"}, a={"encode": "AZ64"}), "REDSHIFT")
    assert made == 'CREATE TABLE IF NOT EXISTS "s" ("a" integer ENCODE az64, "b b" integer)'


@pytest.mark.parametrize(
    "properties",
    [
        {"diststyle": "EVEN); DROP TABLE x; --"},
        {"distkey": "nowhere"},
        {"distkey": 'a"); DROP TABLE x; --'},
        {"sortkey": "a b"},
        {"sortkey": "a", "sortkey_style": "SIDEWAYS"},
        {"backup": "MAYBE"},
    ],
)
def test_properties_that_are_no_words_of_redshift_are_refused(properties: dict[str, str]) -> None:
    """A document may come from anywhere, and its texts go into SQL."""
    with pytest.raises(SchemaMismatch, match=next(iter(properties)) if len(properties) == 1 else "sortkey_style"):
        create_table("s", table(properties), "REDSHIFT")


def test_a_text_has_room_for_its_characters_unless_redshift_s_own_ddl_says_bytes() -> None:
    """Redshift counts bytes, all others characters; CHAR holds single bytes alone."""
    text = Column("c", "VARCHAR(10)", TEXT)
    fixed = replace(text, logical_type=replace(TEXT, fixed_length=True))
    assert [declared_type("t", c, "REDSHIFT") for c in (text, fixed)] == ["varchar(10)", "char(10)"]
    assert [declared_type("t", c, "SNOWFLAKE") for c in (text, fixed)] == ["varchar(40)", "varchar(40)"]
    long = replace(text, logical_type=LogicalType("STRING", length=60_000))
    assert declared_type("t", long, "SNOWFLAKE") == "varchar(65535)"


def test_every_logical_type_is_declared_or_refused_by_name() -> None:
    """A type that COPY cannot read must fail before anything is staged."""
    declared, refused = {}, set()
    for case in CASES:
        facts = {name: value for name, value in case.logical.items() if name != "element"}
        column = Column(case.name, case.name, LogicalType(**facts))
        try:
            declared[case.name] = (declared_type("t", column, "REDSHIFT"), copied_type("t", column, "REDSHIFT"))
        except SchemaMismatch as fault:
            refused.add(fault.metadata["column"])
    assert {"clock", "decimal_38_38"} <= refused
    assert declared["document"] == ("super", "varchar(65535)")
    assert declared["uuid"] == ("char(36)", "char(36)")
    assert declared["decimal_38_10"][0] == "numeric(38,10)"
    assert {*declared, *refused} == {case.name for case in CASES}
