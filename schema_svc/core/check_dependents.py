"""Rules that make a column from others: expressions that may be evaluated, and no circle of columns."""

from collections.abc import Iterator, Mapping, Sequence

from dwsim_wire.expression import RefusedExpression, read_expression
from schema_svc.core.faults import InvalidExpression, RuleMisfit
from schema_svc.core.model import Experiment, Table
from schema_svc.core.problems import Problem
from schema_svc.core.rules import Rule

_Node = tuple[str, str]
_DEPENDENT = frozenset({"offset", "lookup", "derived", "conditional"})


def check_dependents(experiment: Experiment) -> Iterator[Problem]:
    """Every expression that is refused, and the circles."""
    edges: dict[_Node, Sequence[_Node]] = {}
    places: dict[_Node, str] = {}
    for t, table in enumerate(experiment.tables):
        for c, column in enumerate(table.columns):
            path, node = f"tables[{t}].columns[{c}].rule", (table.name, column.name)
            for rule, place in nested_rules(column.rule, path):
                yield from _check_expressions(rule, table, place)
                if rule.conditional and rule.conditional.otherwise is None and column.required:
                    message = f"{column.name!r} is required, and NULL where the condition does not hold"
                    yield Problem(f"{place}.conditional", message, "give the rule an otherwise", RuleMisfit)
            if column.rule and column.is_unique and (kinds := _DEPENDENT.intersection(column.rule.kinds())):
                message = f"the {', '.join(sorted(kinds))} rule repeats values, and {column.name!r} is unique"
                yield Problem(path, message, "drop the uniqueness, or choose another rule", RuleMisfit)
            if column.rule and (targets := list(_targets(column.rule, table))):
                edges[node], places[node] = targets, _place(column.rule, path)
    yield from _check_circles(edges, places)


def nested_rules(rule: Rule | None, path: str) -> Iterator[tuple[Rule, str]]:
    """Give a rule and those that it chooses between, each with its path."""
    if rule is None:
        return
    yield rule, path
    if rule.conditional:
        yield from nested_rules(rule.conditional.then, f"{path}.conditional.then")
        yield from nested_rules(rule.conditional.otherwise, f"{path}.conditional.otherwise")


def parents_of(table: Table) -> dict[str, str]:
    """Table that each foreign-key column refers to."""
    parents = {column.name: column.foreign_key.references_table for column in table.columns if column.foreign_key}
    for key in table.foreign_keys:
        parents |= dict.fromkeys(key.columns, key.references_table)
    return parents


def _texts(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.derived:
        yield "derived.expression", rule.derived.expression
    if rule.conditional:
        yield "conditional.condition", rule.conditional.condition


def _check_expressions(rule: Rule, table: Table, path: str) -> Iterator[Problem]:
    for name, text in _texts(rule):
        try:
            read_expression(text, [column.name for column in table.columns])
        except RefusedExpression as refused:
            yield Problem(f"{path}.{name}", refused.message, refused.hint, InvalidExpression)


def _targets(rule: Rule, table: Table) -> Iterator[_Node]:
    """Columns that a rule reads, of its own table and of parents; what is not there is another problem."""
    parents, names = parents_of(table), [column.name for column in table.columns]
    for inner, _ in nested_rules(rule, ""):
        for _, text in _texts(inner):
            try:
                yield from ((table.name, name) for name in read_expression(text, names).columns)
            except RefusedExpression:
                continue
        if inner.lookup and inner.lookup.foreign_key in parents:
            yield parents[inner.lookup.foreign_key], inner.lookup.column
        if inner.offset:
            key, _, wanted = inner.offset.column.partition(".")
            own = inner.offset.column in names or key not in parents
            yield (table.name, inner.offset.column) if own else (parents[key], wanted)


def _place(rule: Rule, path: str) -> str:
    return f"{path}.offset.column" if rule.offset else f"{path}.{rule.kinds()[0]}"


def _check_circles(edges: Mapping[_Node, Sequence[_Node]], places: Mapping[_Node, str]) -> Iterator[Problem]:
    """Go depth first without recursion: chains may be long."""
    done: set[_Node] = set()
    for start in edges:
        path: dict[_Node, Iterator[_Node]] = {} if start in done else {start: iter(edges[start])}
        while path:
            node = next(reversed(path))
            following = next((each for each in path[node] if each not in done), None)
            if following is None:
                done.add(node)
                del path[node]
            elif following in path:
                nodes = list(path)
                yield _circle([*nodes[nodes.index(following) :], following], places)
            else:
                path[following] = iter(edges.get(following, ()))


def _circle(nodes: Sequence[_Node], places: Mapping[_Node, str]) -> Problem:
    one_table = all(table == nodes[0][0] for table, _ in nodes)
    shown = " -> ".join(name if one_table else f"{table}.{name}" for table, name in nodes)
    return Problem(
        places[nodes[0]],
        f"columns are made from each other in a circle: {shown}",
        "let one of them be drawn on its own",
        metadata=(("cycle", shown),),
    )
