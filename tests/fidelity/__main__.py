"""Run every probe and print the fidelity table: `make fidelity`; with `--keep` the README gets it."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.fidelity.probes import read_probes
from tests.fidelity.report import findings, keep, table
from tests.fidelity.warehouse import probed
from tests.postgres import stand_in


async def _measured(folder: Path) -> int:
    with stand_in(folder / "redshift") as server:
        async with probed(server, folder / "data") as query:
            found = await findings(read_probes("redshift"), query)
    for finding in found:
        if not finding.expected:
            probe = finding.probe
            print(f"{probe.place}: {finding.outcome} instead of {probe.verdict}\n  {probe.sql}\n  {finding.instead}")
    print(table(found))
    if "--keep" in sys.argv:
        keep(table(found))
    return sum(not finding.expected for finding in found)


def main() -> None:
    """Print the table; fail where a verdict is not the kept one."""
    with tempfile.TemporaryDirectory(prefix="dwsim-fidelity-") as folder:
        sys.exit(1 if asyncio.run(_measured(Path(folder))) else 0)


if __name__ == "__main__":
    main()
