"""Bounds for what grows while a statement is translated, so that a short one cannot become a huge one.

Aliases of the same SELECT and stars are written out: `SELECT 1 AS a0, a0 + a0 AS a1, a1 + a1 AS a2, …` doubles with
every alias, and is counted before it is qualified. Rules write operands twice: nested ones double with every level, and
are counted while they are lowered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from query_svc.core.faults import TooComplex

MOST_NODES = 20_000
MOST_COPIED = 10_000


def refuse_growth(tree: exp.Query) -> None:
    """Refuse a statement whose aliases and stars stand for more than `MOST_NODES` nodes."""
    widths: dict[int, int] = {}
    total = 0
    for scope in traverse_scope(tree):
        widths[id(scope.expression)] = width = _width(scope, widths)
        total += width
        if isinstance(scope.expression, exp.Select):
            total += _written_out(scope.expression)
        if total > MOST_NODES:
            raise _too_complex(
                "aliases and stars", MOST_NODES, "compute what is used again in WITH, and name the columns"
            )


@dataclass
class Weight:
    """What the rules wrote more than once in a statement."""

    copied: int = 0
    _numbers: Iterator[int] = field(default_factory=count)

    def add(self, made: exp.Expr) -> None:
        """Count the parts of a lowered expression that were lowered before and stand in it again."""
        if made.meta_get("weight") is not None:
            return
        nodes, seen, left = 0, set(), [made]
        while left:
            part = left.pop()
            number, weight = part.meta_get("weight") or (None, 1)
            nodes += weight
            if number is None:
                left.extend(part.iter_expressions())
            elif number in seen:
                self.copied += weight
            seen.add(number)
        if self.copied > MOST_COPIED:
            raise _too_complex("nested expressions", MOST_COPIED, "compute inner parts in a subquery or WITH")
        made.meta["weight"] = (next(self._numbers), nodes)


def _too_complex(what: str, limit: int, hint: str) -> TooComplex:
    return TooComplex(
        f"the statement's {what} stand for more than {limit:,} parts", hint=hint, metadata={"limit": str(limit)}
    )


def _size(node: exp.Expr) -> int:
    return sum(1 for _ in node.walk())


def _width(scope: Scope, widths: Mapping[int, int]) -> int:
    """Columns of a query."""
    query = scope.expression
    if isinstance(query, exp.SetOperation):
        return widths.get(id(query.left.unnest()), 1)
    sources = {name: _source_width(source, widths) for name, source in scope.sources.items()}
    width = 0
    for projection in query.selects if isinstance(query, exp.Query) else ():
        if isinstance(projection, exp.Star):
            width += sum(sources.values())
        elif projection.is_star and isinstance(projection, exp.Column):
            width += sources.get(projection.table, 1)
        else:
            width += 1
    return width


def _source_width(source: exp.Expr | Scope, widths: Mapping[int, int]) -> int:
    if isinstance(source, Scope):
        return widths.get(id(source.expression), 1)
    return len(source.meta_get("columns") or ()) or 1


def _written_out(select: exp.Select) -> int:
    """Nodes that the aliases of a SELECT add where they are used again."""
    sizes: dict[str, int] = {}
    places: list[int] = []
    added = 0
    for projection in select.expressions:
        more = _used_again([projection], sizes)
        added += more
        if added > MOST_NODES:
            return added
        places.append(_size(projection) + more)
        if isinstance(projection, exp.Alias):
            sizes[projection.alias] = places[-1]
    clauses = [select.args.get(name) for name in ("where", "group", "having", "qualify", "order")]
    added += _used_again([c for c in [*clauses, *(select.args.get("joins") or ())] if c], sizes)
    group = select.args.get("group")
    ordinals = [int(e.name) for e in group.expressions if isinstance(e, exp.Literal) and e.is_int] if group else []
    return added + sum(places[n - 1] for n in ordinals if 0 < n <= len(places))


def _used_again(nodes: Iterable[exp.Expr], sizes: Mapping[str, int]) -> int:
    columns = (column for node in nodes for column in node.find_all(exp.Column) if not column.table)
    return sum(sizes.get(column.name, 1) - 1 for column in columns)
