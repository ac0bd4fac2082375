"""Write DuckDB's queries of a TPC benchmark and its answers over Parquet files to stdout, as JSON.

It runs in an environment of its own, by its path, and imports nothing of ours. Its arguments are the benchmark (`tpch`
or `tpcds`), a folder with a folder of files for each table, and the numbers of the queries where not all are meant.
Decimals are text, so that no digit is lost.
"""

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import duckdb

QUANTITY, SALES = (r"avg\(\w+_quantity(_on_hand)?\)", "0"), (r"avg\(sum\(ss_sales_price\)\) OVER \([^)]*\)", "2")
CUT_AVERAGES = {17: QUANTITY, 22: QUANTITY, 39: QUANTITY, 53: SALES, 63: SALES, 89: SALES}
"""TPC-DS: averages that are divided by, filtered or ordered by, and the digits that Redshift's AVG keeps."""


def extension(suite: str) -> Path:
    """File of the extension in its package."""
    spec = importlib.util.find_spec(f"duckdb_extension_{suite}")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.rglob(f"{suite}.duckdb_extension"))


def by_redshifts_average(suite: str, number: int, sql: str) -> str:
    """Cut averages as Redshift does, where another digit makes other rows."""
    if suite != "tpcds" or number not in CUT_AVERAGES:
        return sql
    pattern, digits = CUT_AVERAGES[number]
    return re.sub(pattern, rf"trunc(\g<0>, {digits})", sql)


def as_json(value: Any) -> Any:
    """JSON of a cell."""
    return value if value is None or isinstance(value, int | float) else str(value)


def main() -> None:
    """Answer every query."""
    suite, files, *numbers = sys.argv[1:]
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension(suite)}'")
    for folder in filter(Path.is_dir, Path(files).iterdir()):
        connection.execute(f"CREATE TABLE {folder.name} AS FROM '{folder}/*.parquet'")
    answers = []
    for number, sql in connection.execute(f"SELECT query_nr, query FROM {suite}_queries() ORDER BY 1").fetchall():
        if numbers and str(number) not in numbers:
            continue
        result = connection.execute(by_redshifts_average(suite, number, sql))
        columns = [(name, str(kind)) for name, kind, *_ in result.description or ()]
        rows = [[as_json(value) for value in row] for row in result.fetchall()]
        answers.append({"number": number, "sql": sql, "columns": columns, "rows": rows})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
