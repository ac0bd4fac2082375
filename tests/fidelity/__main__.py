"""Run every probe, TPC-H and TPC-DS, and print the tables: `make fidelity`; with `--keep` the README gets them."""

import asyncio
import sys
import tempfile
from pathlib import Path

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from local_stack import snowflake as stand_in_of_snowflake
from tests.fidelity import snowflake
from tests.fidelity.probes import read_probes
from tests.fidelity.report import Finding, findings, keep, table
from tests.fidelity.tpc import suite
from tests.fidelity.warehouse import probed
from tests.postgres import Database as Stack
from tests.postgres import fresh_database, stand_in
from tests.snowflake import Database, emulator

SNOWFLAKE = "Snowflake SQL on the emulator"
ELSEWHERE = "Snowflake SQL on PostgreSQL"
ADOPTED = {"duckdb": "DuckDB SQL on PostgreSQL", "clickhouse": "ClickHouse SQL on PostgreSQL"}


async def _measured(folder: Path) -> int:
    with stand_in(folder / "redshift") as server:
        async with probed(server, folder / "data") as query:
            unexpected = _told(await findings(read_probes("redshift"), query), "Redshift SQL", "redshift")
        with fresh_database(server) as other:
            async with probed(other, folder / "elsewhere", SqlDialect.SNOWFLAKE) as query:
                elsewhere = await findings(read_probes("snowflake"), query)
        for vendor, title in ADOPTED.items():
            with fresh_database(server) as other:
                async with probed(other, folder / vendor, SqlDialect.Name.Value(vendor.upper())) as query:
                    unexpected += _told(await findings(read_probes(vendor), query), title, vendor)
        judged = [await _asked(one, server, folder) for one in suite.SUITES]
        unexpected += sum(_judged(found) for found in judged)
    with emulator(folder / "snowflake") as server_of_snowflake:
        database = Database(server_of_snowflake, stand_in_of_snowflake.DATABASE)
        async with snowflake.probed(database, folder / "snow") as query:
            unexpected += _told(await findings(read_probes("snowflake"), query), SNOWFLAKE, "snowflake")
    print(table(elsewhere, ELSEWHERE))
    return unexpected + sum(finding.outcome == "WRONG" for finding in elsewhere)


async def _asked(asked: suite.Suite, server: Stack, folder: Path) -> suite.Findings:
    with fresh_database(server) as other:
        return await suite.findings(asked, other, folder / asked.name)


def _told(found: list[Finding], title: str, vendor: str) -> int:
    """Print what was found; answer how many verdicts are not the kept ones."""
    for finding in found:
        if not finding.expected:
            probe = finding.probe
            print(f"{probe.place}: {finding.outcome} instead of {probe.verdict}\n  {probe.sql}\n  {finding.instead}")
    print(table(found, title))
    if "--keep" in sys.argv:
        keep(table(found, title), vendor)
    return sum(not finding.expected for finding in found)


def _judged(found: suite.Findings) -> int:
    """Print what DuckDB says of a benchmark, and keep it; answer how many queries answer otherwise."""
    wrong = [finding for finding in found.queries if finding.instead]
    for finding in wrong:
        print(f"{found.suite.title} {finding.number}: {finding.instead}")
    print(found.line)
    if "--keep" in sys.argv:
        keep(f"{found.line}.", found.suite.name)
    return len(wrong)


def main() -> None:
    """Print the table; fail where a verdict is not the kept one."""
    with tempfile.TemporaryDirectory(prefix="dwsim-fidelity-") as folder:
        sys.exit(1 if asyncio.run(_measured(Path(folder))) else 0)


if __name__ == "__main__":
    main()
