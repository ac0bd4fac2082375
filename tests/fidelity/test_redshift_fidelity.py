"""Redshift's SQL on its stand-in, held against what the vendor's documentation promises."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fidelity.probes import read_probes
from tests.fidelity.report import Finding, apart, counted, findings, kept_table, table
from tests.fidelity.warehouse import probed
from tests.postgres import Database, fresh_database, postgres

__all__ = ["postgres"]

asked = pytest.mark.asyncio(loop_scope="module")
LEAST_PROBES, LEAST_OF_A_FAMILY = 250, 3
LEAST_SHARE, LEAST_FAMILY_SHARE = 0.95, 0.80
APART = {
    "HyperLogLog functions",
    "Machine learning functions",
    "Spatial functions",
    "System administration functions",
}
"""Families that are refused by name as a whole, or estimate in Redshift too; they count in a sum of their own."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(postgres: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Finding]]:
    with fresh_database(postgres) as database:
        async with probed(database, tmp_path_factory.mktemp("fidelity") / "data") as query:
            yield await findings(read_probes("redshift"), query)


@asked
async def test_every_probe_keeps_its_verdict(found: list[Finding]) -> None:
    """An answer that turns wrong, or is refused of late, is seen here first."""
    changed = [f"{f.probe.place}: {f.outcome}, {f.instead}, for {f.probe.sql}" for f in found if not f.expected]
    assert changed == []


@asked
async def test_nothing_is_wrong_in_silence(found: list[Finding]) -> None:
    """What is called EXACT is what the documentation says."""
    assert [f.probe.sql for f in found if f.outcome == "WRONG"] == []


@asked
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


@asked
async def test_what_is_refused_as_a_whole_says_what_to_write_instead(found: list[Finding]) -> None:
    """Whoever needs such a function learns at once that there is none, and a way around it."""
    for finding in found:
        if finding.probe.family in APART and finding.outcome == "REFUSED":
            assert "not among" not in finding.instead, finding.probe.place


@asked
async def test_the_readme_shows_the_table_of_this_run(found: list[Finding]) -> None:
    """`make fidelity ARGS=--keep` writes it."""
    assert kept_table() == table(found)


def test_no_statement_is_asked_twice() -> None:
    """A probe that is there twice counts twice."""
    statements = Counter(probe.sql for probe in read_probes("redshift"))
    assert [sql for sql, times in statements.items() if times > 1] == []


def test_every_probe_names_its_page() -> None:
    """Whoever doubts a row looks there."""
    assert [p.place for p in read_probes("redshift") if not (p.family and p.title and p.page.endswith(".html"))] == []
