"""Probes: statements with the rows that the vendor's documentation promises, in `golden/translate/*_probes/*.sql`.

A file is a family. A comment names the documentation page of the probes below it; the comment behind a statement says
the verdict that is expected, then the rows as JSON: all of them, or the only value. FAILS: the warehouse itself fails.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "golden" / "translate"
GUIDES = {
    "redshift": "https://docs.aws.amazon.com/redshift/latest/dg/",
    "snowflake": "https://docs.snowflake.com/en/sql-reference/",
    "duckdb": "https://duckdb.org/docs/stable/sql/",
    "clickhouse": "https://clickhouse.com/docs/",
}
_OUTCOME = re.compile(r"-- (EXACT|APPROXIMATE|REFUSED) (.+)|-- (FAILS)")


@dataclass(frozen=True)
class Probe:
    """One statement, the documentation page that it was written from, and what is expected."""

    family: str
    title: str
    page: str
    sql: str
    verdict: str
    rows: list[list[Any]]
    place: str


def read_probes(vendor: str) -> list[Probe]:
    """Probes of a vendor, family by family."""
    paths = sorted((FOLDER / f"{vendor}_probes").glob("*.sql"))
    return [probe for path in paths for probe in _family(path, GUIDES[vendor])]


def _family(path: Path, guide: str) -> Iterator[Probe]:
    family = title = page = ""
    sql: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("-- Family: "):
            family = line.removeprefix("-- Family: ")
        elif line.startswith("-- Page: "):
            title, page = line.removeprefix("-- Page: ").rsplit(", ", 1)
        elif found := _OUTCOME.fullmatch(line):
            verdict = found[1] or found[3]
            rows = _rows(json.loads(found[2])) if found[2] else []
            text = "\n".join(sql).removesuffix(";")
            yield Probe(family, title, guide + page, text, verdict, rows, f"{path.name}:{number}")
            sql = []
        elif line:
            sql.append(line)


def _rows(expected: Any) -> list[list[Any]]:
    """Rows as written, or the only value of the only row."""
    return expected if isinstance(expected, list) else [[expected]]
