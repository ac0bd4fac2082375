"""No text crashes the importer, hangs it, or loses a statement: 1,000 cases by default, 20,000 with the slow tests."""

import contextlib
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import Fault
from schema_svc.core.ddl.scan import Statement, Text
from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.vocabulary import Dialect, Outcome
from tests.schema_svc.core.ddl_texts import DIALECTS, PASTED, WELL_FORMED, mutated

LONGEST_SECONDS = 5.0
"""For a text of at most some kilobytes: a hundred times what it takes."""
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SLOW = settings(max_examples=7000, deadline=None, suppress_health_check=list(HealthCheck))
GAP = re.compile(r"(?:[\s;]|--[^\n]*|/\*[\s\S]*?\*/)*")
SNOWFLAKE_GAP = re.compile(r"(?:[\s;]|--[^\n]*|//[^\n]*|/\*[\s\S]*?\*/)*")


def hold_to_account(sql: str, dialect: Dialect) -> None:
    """Import a text: only faults, in time, with a status for every statement, and nothing between the statements."""
    statements = list(Text(sql, dialect).statements())
    nothing_is_between(statements, sql, dialect)
    begun = time.perf_counter()
    with contextlib.suppress(Fault):
        imported = import_sql(SqlImport("shop", sql, dialect))
        assert [status.index for status in imported.statements] == list(range(len(statements)))
        created = [s for s in imported.statements if s.kind == "CREATE TABLE" and s.outcome is Outcome.IMPORTED]
        assert 0 < len(imported.experiment.tables) <= len(created)
    assert time.perf_counter() - begun < LONGEST_SECONDS


def nothing_is_between(statements: list[Statement], sql: str, dialect: Dialect) -> None:
    """All of a text but blanks, semicolons and comments belongs to a statement."""
    gap = SNOWFLAKE_GAP if dialect is Dialect.SNOWFLAKE else GAP
    end = 0
    for start, stop in [*sorted((s.start, s.end) for s in statements), (len(sql), len(sql))]:
        assert start <= end or gap.fullmatch(sql[end:start]), sql[end:start]
        end = max(end, stop)


def test_pasted_pieces_are_held_to_account() -> None:
    """People paste anything."""
    _pasted(QUICK)


def test_mutations_of_golden_texts_are_held_to_account() -> None:
    """A slip in a good text is what is met most."""
    _mutated(QUICK)


def test_well_formed_statements_are_counted_one_by_one() -> None:
    """What the splitter of this test counts, the account has."""
    _well_formed(QUICK)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_pasted_pieces_are_held_to_account() -> None:
    """Rare combinations need many cases."""
    _pasted(SLOW)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_mutations_of_golden_texts_are_held_to_account() -> None:
    """Rare combinations need many cases."""
    _mutated(SLOW)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_well_formed_statements_are_counted_one_by_one() -> None:
    """Rare combinations need many cases."""
    _well_formed(SLOW)


def _pasted(how: settings) -> None:
    how(given(PASTED, st.sampled_from(DIALECTS))(hold_to_account))()


def _mutated(how: settings) -> None:
    how(given(mutated())(lambda case: hold_to_account(*case)))()


def _well_formed(how: settings) -> None:
    def check(statements: list[str], dialect: Dialect) -> None:
        sql = ";\n".join(statements)
        assert len(list(Text(sql, dialect).statements())) == len(statements)
        hold_to_account(sql, dialect)

    how(given(WELL_FORMED, st.sampled_from(DIALECTS))(check))()
