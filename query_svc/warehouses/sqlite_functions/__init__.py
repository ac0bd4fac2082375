"""Functions that the user's warehouse has and SQLite lacks, registered on each connection under `dw_…`."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any

from query_svc.warehouses.sqlite_functions import aggregates, dates, numbers, texts

FAMILIES = (texts.FUNCTIONS, numbers.FUNCTIONS, dates.FUNCTIONS)


def register(connection: sqlite3.Connection, now: datetime, problems: list[str]) -> None:
    """Register every function; `now` is the statement's moment, `problems` gets what a function could not answer."""
    for family in FAMILIES:
        for name, (arity, function) in family.items():
            connection.create_function(f"dw_{name}", arity, _telling(function, problems), deterministic=True)
    for name, (arity, aggregate) in aggregates.AGGREGATES.items():
        connection.create_aggregate(f"dw_{name}", arity, _telling_class(aggregate, problems))
    moment = now.replace(tzinfo=None)
    moments = {
        "dw_today": moment.date().isoformat(),
        "dw_second": moment.replace(microsecond=0).isoformat(sep=" "),
        "dw_now": moment.isoformat(sep=" "),
    }
    for name, text in moments.items():
        connection.create_function(name, 0, lambda text=text: text, deterministic=True)


def _telling(function: Callable[..., Any], problems: list[str]) -> Callable[..., Any]:
    """SQLite forgets what an exception said: keep it."""

    def answer(*args: Any) -> Any:
        try:
            return function(*args)
        except (ValueError, ArithmeticError) as error:
            problems.append(str(error))
            raise

    return answer


def _telling_class(aggregate: type[Any], problems: list[str]) -> type[Any]:
    class Telling:
        def __init__(self) -> None:
            inner = aggregate()
            self.step = _telling(inner.step, problems)
            self.finalize = _telling(inner.finalize, problems)

    return Telling
