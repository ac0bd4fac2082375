"""Window functions that pass NULLs over, on the emulator."""

from sqlglot import exp

from query_svc.core.rules.context import POSTGRES_RULES, Context, lowers, type_of, typed
from query_svc.core.rules.snowflake.functions import EMULATOR

_SEEKERS = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)


@lowers(exp.Window, on=EMULATOR)
def _window(node: exp.Window, cx: Context) -> exp.Expr:
    function = node.this
    if not isinstance(function, exp.IgnoreNulls) or not isinstance(function.this, _SEEKERS):
        return POSTGRES_RULES[exp.Window](node, cx)
    plain = node.copy()
    plain.set("this", function.this.copy())
    made = POSTGRES_RULES[exp.Window](plain, cx)
    if isinstance(made, exp.Window):
        made.set("this", exp.IgnoreNulls(this=made.this))
    return typed(made, type_of(made))
