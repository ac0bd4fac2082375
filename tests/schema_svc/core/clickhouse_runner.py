"""Runs DDL texts on ClickHouse, in a process of its own: JSON lists of statements in, errors out."""

import json
import sys
from typing import Any

from chdb import session as clickhouse


def main() -> None:
    """Run every text in a database of its own."""
    session: Any = clickhouse.Session()  # type: ignore[no-untyped-call]  # chDB has no types
    errors = []
    for number, statements in enumerate(json.load(sys.stdin)):
        session.query(f"CREATE DATABASE text_{number}")
        session.query(f"USE text_{number}")
        for statement in statements:
            try:
                session.query(statement)
            except RuntimeError as error:
                errors.append(f"{error}\n{statement}")
    json.dump(errors, sys.stdout)


if __name__ == "__main__":
    main()
