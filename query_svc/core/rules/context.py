"""What lowering knows while it walks a statement, the targets that it lowers for, and how it writes nodes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Grammar

from query_svc.core.dialects import Dialect
from query_svc.core.expansion import Weight
from query_svc.core.faults import InvalidSql, NotTranslatable
from query_svc.core.rules.overflow import closed
from query_svc.core.types import BOOLEAN, STRING, UNKNOWN, Kind, SqlType

N = TypeVar("N", bound=exp.Expr)
Columns = Mapping[str, SqlType]


@dataclass(frozen=True)
class Target:
    """A warehouse that statements are lowered for.

    `coerce` brings a lowered expression to a type; `comparable` readies it for = or, with True, for an order;
    `order` lowers the ORDER BY of a query whose columns are lowered; `finish` readies the outermost query;
    `stored` is the type of a stored column; `native` is the warehouse's own dialect, which may have `table_functions`,
    and whose statements `check` may refuse. `otherwise` takes its own dialect's statements that cannot be lowered.
    `folds_names`: names are folded as the user's dialect does it, also in the result.
    """

    warehouse: str
    native: str
    grammar: type[Grammar]
    rules: "Rules"
    coerce: "Callable[[exp.Expr, SqlType, Context], exp.Expr]"
    comparable: "Callable[[exp.Expr, Context, bool], exp.Expr]"
    order: "Callable[[exp.Query, Context], None]"
    finish: "Callable[[exp.Query, Context], exp.Query]"
    stored: Callable[[SqlType], SqlType]
    one_database: bool = False
    table_functions: bool = False
    offset_needs_limit: bool = False
    folds_names: bool = False
    check: "Callable[[exp.Query], None] | None" = None
    otherwise: "Target | None" = None


@dataclass
class Context:
    """One statement's lowering: its dialect and target, the sources in sight, what was rewritten or is not exact."""

    dialect: Dialect
    target: Target
    sources: Mapping[str, Columns] = field(default_factory=dict)
    outer: "Context | None" = None
    rules: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    aliases: dict[str, SqlType] = field(default_factory=dict)
    keys: list[exp.Expr] = field(default_factory=list)
    """What rows are grouped or told apart by, as the user wrote it."""
    weight: Weight = field(default_factory=Weight)

    def within(self, sources: Mapping[str, Columns], outer: "Context | None") -> "Context":
        """Context of a scope that sees `sources`, then what `outer` sees."""
        return Context(self.dialect, self.target, sources, outer, self.rules, self.notes, weight=self.weight)

    def used(self, rule: str) -> None:
        """Record that a rule changed the statement."""
        self.rules[rule] = None

    def note(self, text: str) -> None:
        """Record why the answer is only approximate."""
        self.notes[text] = None

    def column(self, source: str, name: str) -> SqlType | None:
        """Type of a column in sight; a column without a source belongs to the only source."""
        if source in self.sources:
            return self.sources[source].get(name)
        if not source:
            for columns in self.sources.values():
                if name in columns:
                    return columns[name]
        return self.outer.column(source, name) if self.outer else None


Lowering = Callable[[Any, Context], exp.Expr]
Rules = dict[type[exp.Expr], Lowering]
SQLITE_RULES: Rules = {}
POSTGRES_RULES: Rules = {}
SQLITE = (SQLITE_RULES,)
POSTGRES = (POSTGRES_RULES,)
BOTH = (SQLITE_RULES, POSTGRES_RULES)


def lowers(*kinds: type[exp.Expr], on: Sequence[Rules] = SQLITE) -> Callable[[Lowering], Lowering]:
    """Register the lowering of these kinds of nodes."""

    def register(function: Lowering) -> Lowering:
        for rules in on:
            rules.update(dict.fromkeys(kinds, function))
        return function

    return register


def lower(node: exp.Expr, cx: Context) -> exp.Expr:
    """Rewrite an expression for its target; what no rule knows is refused by its name."""
    return closed(lower_open(node, cx))


def lower_open(node: exp.Expr, cx: Context) -> exp.Expr:
    """Rewrite an operand of arithmetic, whose overflow is checked where the whole is used."""
    lowering = cx.target.rules.get(type(node))
    if lowering is None:
        raise NotTranslatable(name_of(node), hint="leave it out, or write it with simpler expressions")
    is_key = any(node == key for key in cx.keys)
    made = lowering(node, cx)
    cx.weight.add(made)
    return told_apart(made, cx) if is_key else made


def told_apart(node: exp.Expr, cx: Context) -> exp.Expr:
    """Lowered value whose equals are one; a CHAR's blanks vanish by themselves."""
    return node if type_of(node).fixed_length else cx.target.comparable(node, cx, False)


def name_of(node: exp.Expr) -> str:
    """Name of a construct as the user would say it."""
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return f"{node.name.upper()}()"
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
        return node.sql().partition("(")[0].replace('"', "").upper() + "()"
    if isinstance(node, exp.Func):
        return f"{node.sql_name()}()"
    return node.key.upper()


def type_of(node: exp.Expr) -> SqlType:
    """Type that lowering gave the node."""
    kind = node.meta_get("sql_type")
    return kind if isinstance(kind, SqlType) else UNKNOWN


def typed(node: N, kind: SqlType) -> N:
    """Give the node a type."""
    node.meta["sql_type"] = kind
    return node


def mistake(message: str, hint: str = "") -> InvalidSql:
    """Fault of what the user's own warehouse refuses too."""
    return InvalidSql(message, hint=hint)


def number(value: int | str) -> exp.Literal:
    """Literal of a number that is not negative."""
    return exp.Literal(this=str(value), is_string=False)


def text(value: str) -> exp.Literal:
    """Text literal."""
    return typed(exp.Literal.string(value), STRING)


def quoted(value: str) -> exp.Literal:
    """Text literal that still takes the type of what it meets."""
    return typed(exp.Literal.string(value), SqlType(Kind.STRING, literal=True, bytes=max(len(value.encode()), 1)))


def call(name: str, *args: exp.Expr | None) -> exp.Anonymous:
    """Call of a function of the target."""
    return exp.Anonymous(this=name, expressions=[arg for arg in args if arg is not None])


def cast(node: exp.Expr, affinity: str) -> exp.Cast:
    """CAST to INTEGER, REAL or TEXT."""
    return exp.Cast(this=node, to=exp.DataType.build(affinity, dialect="sqlite"))


def wrapped(node: exp.Expr) -> exp.Expr:
    """Put parentheses around what an operator beside it could tear apart."""
    loose = isinstance(node, exp.Binary | exp.Unary | exp.Between | exp.In | exp.Is) and not isinstance(node, exp.Paren)
    return typed(exp.Paren(this=node), type_of(node)) if loose else node


def op(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Binary:
    """Operator between two operands."""
    made = kind(this=wrapped(left), expression=wrapped(right))
    if isinstance(made, exp.Div):  # the target's own division
        made.set("typed", True)
        made.set("safe", True)
    return made


def comparables(nodes: Sequence[exp.Expr], cx: Context, *, ordering: bool = False) -> list[exp.Expr]:
    """Ready lowered expressions of one type for comparing them."""
    return [cx.target.comparable(node, cx, ordering) for node in nodes]


def when(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr | None = None) -> exp.Case:
    """CASE WHEN condition THEN then ELSE otherwise END."""
    return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)


def boolean(node: N) -> N:
    """Give the node type BOOLEAN."""
    return typed(node, BOOLEAN)
