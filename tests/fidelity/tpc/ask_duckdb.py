"""Write DuckDB's queries of TPC-H and its answers over Parquet files to stdout, as JSON.

It runs in an environment of its own, by its path, and imports nothing of ours. Its argument is a folder with a folder
of files for each table. Decimals are text, so that no digit is lost.
"""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import duckdb


def extension() -> Path:
    """File of the extension in its package."""
    spec = importlib.util.find_spec("duckdb_extension_tpch")
    assert spec is not None
    assert spec.origin is not None
    return next(Path(spec.origin).parent.rglob("tpch.duckdb_extension"))


def as_json(value: Any) -> Any:
    """JSON of a cell."""
    return value if value is None or isinstance(value, int | float) else str(value)


def main() -> None:
    """Answer every query."""
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension()}'")
    for folder in filter(Path.is_dir, Path(sys.argv[1]).iterdir()):
        connection.execute(f"CREATE VIEW {folder.name} AS FROM '{folder}/*.parquet'")
    answers = []
    for number, sql in connection.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall():
        result = connection.execute(sql)
        columns = [(name, str(kind)) for name, kind, *_ in result.description or ()]
        rows = [[as_json(value) for value in row] for row in result.fetchall()]
        answers.append({"number": number, "sql": sql, "columns": columns, "rows": rows})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
