"""Writes every type with the loader's adapter: `python -m tests.referee.write WAREHOUSE WHERE`; prints their place.

In a process of its own: the loader's SQLite library and the query service's must not share one.
"""

import sys
from contextlib import closing
from pathlib import Path

from pydantic import SecretStr

from loader_svc.warehouses.postgres import PostgresWriter
from loader_svc.warehouses.sqlite import SqliteWriter
from loader_svc.warehouses.writer import Writer
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.referee.every_type import document, rows


def main(warehouse: str, where: str) -> None:
    """Load the table."""
    writer: Writer = PostgresWriter(SecretStr(where)) if warehouse == "REDSHIFT" else SqliteWriter(Path(where))
    staged = rows(warehouse)
    asked = order(writer, rows={"everything": staged.num_rows}, document=document(warehouse))
    with closing(writer.claim(asked)) as staging:
        stage(staging, "everything", staged)
        staging.prepare(go_on)
        print(staging.apply(go_on).place)


if __name__ == "__main__":
    main(*sys.argv[1:])
