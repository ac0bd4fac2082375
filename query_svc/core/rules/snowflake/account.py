"""Snowflake itself: its own SQL runs as it is written, but for functions that do more than read."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp
from sqlglot.dialects.snowflake import Snowflake

from query_svc.core.faults import NotTranslatable, WriteRefused
from query_svc.core.rules.context import Context, Target, name_of
from query_svc.core.rules.postgres.target import POSTGRES_TARGET

_HARMLESS = frozenset({"SYSTEM$TYPEOF", "SYSTEM$TIMEOUT"})


def refuse_effects(tree: exp.Query) -> None:
    """Refuse what changes something outside of the statement: system functions, sequences, stages."""
    for node in tree.find_all(exp.Anonymous):
        name = node.name.upper()
        if name.startswith("SYSTEM$") and name not in _HARMLESS:
            raise WriteRefused(f"{name}() may do more than read", hint="leave it out", metadata={"construct": name})
    for column in tree.find_all(exp.Column):
        if column.name.upper() == "NEXTVAL":
            raise WriteRefused("NEXTVAL moves a sequence on", hint="use ROW_NUMBER()")
    for table in tree.find_all(exp.Table):
        if table.name.startswith("@"):
            raise NotTranslatable("a stage in FROM", hint="query the tables that were loaded")


def _lowers_nothing(query: exp.Query, _cx: Context) -> exp.Query:
    raise NotTranslatable(
        f"{name_of(query)} of another dialect", "a Snowflake account runs Snowflake's SQL alone", hint="write that"
    )


def native_target(check: Callable[[exp.Query], None]) -> Target:
    """Target that takes Snowflake's own SQL where `check` does not refuse it."""
    return replace(
        POSTGRES_TARGET,
        warehouse="SNOWFLAKE",
        native="snowflake",
        grammar=Snowflake,
        finish=_lowers_nothing,
        table_functions=True,
        folds_names=True,
        check=check,
    )


ACCOUNT_TARGET = native_target(refuse_effects)
