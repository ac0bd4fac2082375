"""`python -m bench [name …]`: runs benchmarks one after the other, prints a table, writes bench/results/."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench import (
    demo_stages,
    gateway_overhead,
    generate_write,
    import_ddl,
    load_postgres,
    load_service,
    load_snowflake,
    load_sqlite,
    query_service,
    report,
    row_loops,
    scaling,
    service_times,
    stack_ready,
    stream_query,
    tpch_tables,
)
from bench.measure import SMOKE, Benchmark, Effort, Figure

HERE = Path(__file__).parent
BENCHMARKS: dict[str, Benchmark] = {
    "generate": generate_write.run,
    "tpch": tpch_tables.run,
    "loops": row_loops.run,
    "scaling": scaling.run,
    "service": service_times.run,
    "load": load_postgres.run,
    "load-sqlite": load_sqlite.run,
    "load-snowflake": load_snowflake.run,
    "load-service": load_service.run,
    "query": stream_query.run,
    "query-service": query_service.run,
    "gateway": gateway_overhead.run,
    "import": import_ddl.run,
    "stack": stack_ready.run,
    "demo": demo_stages.run,
}


async def measure(names: list[str], effort: Effort, scratch: Path) -> list[Figure]:
    """Run benchmarks in order, each in a folder of its own."""
    figures = []
    for name in names:
        folder = scratch / name
        folder.mkdir()
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += [figure async for figure in BENCHMARKS[name](effort, folder)]
    return figures


def main() -> int:
    """Measure; the exit code is 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the product beside its floors.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(BENCHMARKS)}; all if none")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, once: proves that they run, judges nothing")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="folder of the JSON files")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}")
    effort, began = SMOKE if arguments.smoke else Effort(), report.now()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        figures = asyncio.run(measure(arguments.names or list(BENCHMARKS), effort, Path(scratch)))
    report.show(figures, judged=not effort.smoke)
    print(report.write(figures, effort, arguments.results, began))
    return int(not effort.smoke and any(figure.met is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
