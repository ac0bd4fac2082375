"""Snowflake's SQL on its emulator, and on PostgreSQL, held against what the vendor's documentation promises."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from tests.fidelity import snowflake as house
from tests.fidelity.probes import read_probes
from tests.fidelity.report import Finding, apart, counted, findings, kept_table, table
from tests.fidelity.warehouse import probed
from tests.postgres import Database, fresh_database, postgres
from tests.snowflake import Emulator, emptied, snowflake

__all__ = ["postgres", "snowflake"]

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
LEAST_PROBES, LEAST_OF_A_FAMILY = 150, 3
LEAST_SHARE, LEAST_FAMILY_SHARE = 0.95, 0.80
APART = {
    "AI functions",
    "Data generation functions",
    "Encryption functions",
    "File functions",
    "Geospatial functions",
    "System functions",
    "Vector functions",
}
"""Families that are refused by name as a whole; they count in a sum of their own."""
TITLE = "Snowflake SQL on the emulator"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(snowflake: Emulator, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Finding]]:
    async with house.probed(emptied(snowflake), tmp_path_factory.mktemp("fidelity") / "data") as query:
        yield await findings(read_probes("snowflake"), query)


async def test_every_probe_keeps_its_verdict(found: list[Finding]) -> None:
    """An answer that turns wrong, or is refused of late, is seen here first."""
    changed = [f"{f.probe.place}: {f.outcome}, {f.instead}, for {f.probe.sql}" for f in found if not f.expected]
    assert changed == []


async def test_enough_is_exact_in_every_family(found: list[Finding]) -> None:
    """One family that is mostly refused would hide behind the others."""
    families = Counter(f.probe.family for f in found)
    assert min(families.values()) >= LEAST_OF_A_FAMILY
    assert apart(found) == APART
    kept = [f for f in found if f.probe.family not in APART]
    assert len(kept) >= LEAST_PROBES
    shares = {name: [f for f in kept if f.probe.family == name] for name in families.keys() - APART}
    assert {n: s for n, s in shares.items() if counted(s)["right"] < LEAST_FAMILY_SHARE * len(s)} == {}
    assert counted(kept)["right"] >= LEAST_SHARE * len(kept)


async def test_the_readme_shows_the_table_of_this_run(found: list[Finding]) -> None:
    """`make fidelity ARGS=--keep` writes it."""
    assert kept_table("snowflake") == table(found, TITLE)


async def test_nothing_is_wrong_in_silence_on_postgres(
    postgres: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Snowflake's SQL on another warehouse may be refused, never answered otherwise."""
    with fresh_database(postgres) as database:
        folder = tmp_path_factory.mktemp("elsewhere")
        async with probed(database, folder / "data", SqlDialect.SNOWFLAKE) as query:
            elsewhere = await findings(read_probes("snowflake"), query)
    assert [f.probe.sql for f in elsewhere if f.outcome == "WRONG"] == []
    assert counted(elsewhere)["right"] >= sum(f.probe.family not in APART for f in elsewhere) / 2
