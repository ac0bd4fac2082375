"""Translations as text: a change of any is seen in review."""

import json
import pickle
from pathlib import Path

import pytest

from query_svc.core.catalog import Place, Table
from query_svc.core.dialects import DIALECTS, REDSHIFT
from query_svc.core.translate import translate
from tests.golden.translate_goldens import PLACE, TEXTS, expected, written


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.stem))
def test_translations_are_the_golden_ones(path: Path) -> None:
    """Rewritten by `make golden`; the diff is what users will notice."""
    assert json.loads(written(path)) == expected(path)


def test_a_star_of_joins_begins_with_its_largest_table() -> None:
    """SQLite alone looks three million rows up at random, twenty times slower."""
    sizes = {"orders": 1_000_000, "customers": 100}
    tables = [Table(t.name, t.target, t.columns, sizes[t.name]) for t in PLACE.tables]
    place = Place("id", "shop", "SQLITE", "n.db", "redshift", tables)
    join = "SELECT COUNT(*) FROM customers c JOIN orders o ON o.customer_id = c.customer_id"
    assert translate(join, REDSHIFT, place, {}).rules == ("largest_table_first",)
    for kept in (f"{join} WHERE c.name = 'Ada'", join.replace("JOIN", "LEFT JOIN")):
        assert "largest_table_first" not in translate(kept, REDSHIFT, place, {}).rules


def test_translations_travel_between_processes() -> None:
    """Large texts are translated in a process of their own."""
    made = translate("SELECT SUM(total) FROM orders", REDSHIFT, PLACE, {})
    assert pickle.loads(pickle.dumps(made)) == made


def test_the_emulator_gets_nothing_as_it_is_written() -> None:
    """Its engine is DuckDB, whose own sums of Snowflake's numbers are doubles, and whose LIKE escapes by nothing."""
    asked = (("duckdb", "SELECT 7 // 2 AS n", "CAST("), ("redshift", r"SELECT 'a_b' LIKE 'a\\_b'", r"ESCAPE '\'"))
    for dialect, sql, words in asked:
        made = translate(sql, DIALECTS[dialect], None, {}, "SNOWFLAKE")
        assert not made.native
        assert words in made.translated_sql
