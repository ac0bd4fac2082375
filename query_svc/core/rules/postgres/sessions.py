"""Who asks, and what answers: the simulated cluster's facts, those of a new Redshift cluster."""

from sqlglot import exp

from query_svc.core.rules.context import POSTGRES, Context, call, lowers, number, text, typed
from query_svc.core.types import INT32, STRING

USER, USER_ID, DATABASE, SCHEMA = "awsuser", 100, "dev", "public"
VERSION = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3),"
    " Redshift 1.0 (DW Simulator)"
)
FACTS = {"CURRENT_DATABASE": DATABASE, "CURRENT_SCHEMA": SCHEMA, "VERSION": VERSION}


def fact(value: str, _args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """CURRENT_DATABASE(), CURRENT_SCHEMA() and VERSION()."""
    return typed(text(value), STRING)


def backend(_args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """PG_BACKEND_PID() of the session."""
    return typed(call("PG_BACKEND_PID"), INT32)


@lowers(exp.CurrentUser, exp.SessionUser, on=POSTGRES)
def _user(_node: exp.Expr, _cx: Context) -> exp.Expr:
    return text(USER)


@lowers(exp.CurrentUserId, on=POSTGRES)
def _user_id(_node: exp.Expr, _cx: Context) -> exp.Expr:
    return typed(number(USER_ID), INT32)
