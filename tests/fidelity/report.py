"""The fidelity table: probes by family and outcome, printed and kept in the README between markers."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.fidelity.judge import judged
from tests.fidelity.probes import Probe
from tests.fidelity.warehouse import EXPERIMENT
from tests.query_svc.conftest import RunningQuery

README = Path(__file__).parents[2] / "README.md"
HEAD = ("probes", "exact and right", "approximate", "refused by name", "silently wrong")
AT_ONCE = 4


@dataclass(frozen=True)
class Finding:
    """A probe and what became of it."""

    probe: Probe
    outcome: str
    instead: str

    @property
    def right(self) -> bool:
        """What the documentation says, and said to be exact."""
        return self.outcome == "EXACT" or self.outcome == self.probe.verdict == "FAILS"

    @property
    def expected(self) -> bool:
        """The verdict that is kept with the probe."""
        return self.outcome == self.probe.verdict


async def findings(probes: Iterable[Probe], query: RunningQuery) -> list[Finding]:
    """Run all probes."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def found(probe: Probe) -> Finding:
        async with turn:
            return Finding(probe, *await judged(probe, query, EXPERIMENT))

    return list(await asyncio.gather(*(found(probe) for probe in probes)))


def counted(found: Iterable[Finding]) -> Counter[str]:
    """Count findings by how they count in the table."""
    kinds = Counter[str]()
    for finding in found:
        kinds["probes"] += 1
        refused = finding.outcome in ("REFUSED", "FAILS")
        kinds["right" if finding.right else "REFUSED" if refused else finding.outcome] += 1
    return kinds


def apart(found: Iterable[Finding]) -> set[str]:
    """Families of which nothing is exact: refused as a whole, or estimates in the warehouse too."""
    right: dict[str, bool] = {}
    for finding in found:
        right[finding.probe.family] = right.get(finding.probe.family, False) or finding.right
    return {family for family, some in right.items() if not some}


def table(found: list[Finding], title: str = "Redshift SQL") -> str:
    """Table in Markdown, one family a line; those of which nothing is exact stand below the others' sum."""
    lines = [_line((title, *HEAD)), _line(("---", *["---:"] * len(HEAD)))]
    others = apart(found)
    kept = [finding for finding in found if finding.probe.family not in others]
    lines += [*_families(kept), _row("**all**", counted(kept))]
    if others:
        left = [finding for finding in found if finding.probe.family in others]
        lines += [*_families(left), _row("**all, with these**", counted(found))]
    return "\n".join(lines)


def _families(found: list[Finding]) -> list[str]:
    families = sorted({finding.probe.family for finding in found})
    return [_row(family, counted(f for f in found if f.probe.family == family)) for family in families]


def _row(name: str, kinds: Counter[str]) -> str:
    share = f"{kinds['right']} ({100 * kinds['right'] / kinds['probes']:.1f} %)"
    return _line((name, kinds["probes"], share, kinds["APPROXIMATE"], kinds["REFUSED"], kinds["WRONG"]))


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _parts(vendor: str) -> tuple[str, str, str]:
    before, mark, rest = README.read_text(encoding="utf-8").partition(f"<!-- fidelity: {vendor} -->\n")
    kept, end, after = rest.partition("<!-- end -->")
    return before + mark, kept, end + after


def kept_table(vendor: str = "redshift") -> str:
    """Table that the README shows."""
    return _parts(vendor)[1].strip()


def keep(text: str, vendor: str = "redshift") -> None:
    """Write the table into the README."""
    before, _, after = _parts(vendor)
    if not after:
        raise ValueError(f"{README} has no place for the table of {vendor}")
    README.write_text(f"{before}{text}\n{after}", encoding="utf-8")
