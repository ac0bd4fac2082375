"""What columns are made from: other columns of their row, and columns of parent rows. Circles are refused by name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dwsim_wire.expression import Expression, RefusedExpression, read_expression
from dwsim_wire.fault import InvalidArgument
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.keys import TableKeys
from generator_svc.core.rules import ConditionalRule, DerivedRule, LookupRule, OffsetRule, Rule, TemplateRule
from generator_svc.core.spec import ColumnSpec, ForeignKeySpec
from generator_svc.core.template_columns import template_sources

Dependent = OffsetRule | LookupRule | DerivedRule | ConditionalRule | TemplateRule
_Node = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Need:
    """One column that another is made from: of the same row, or of the parent row that `key` names."""

    column: str
    key: ForeignKeySpec | None = None


def column_needs(keys: TableKeys, column: ColumnSpec) -> tuple[Need, ...]:
    """Everything that a column's rule reads; a foreign key reads its parents and nothing else."""
    if column.rule is None or keys.reference_of(column.name):
        return ()
    return tuple(dict.fromkeys(_needs(keys, column, column.rule)))


def row_needs(keys: TableKeys) -> dict[str, tuple[str, ...]]:
    """Columns of the same row that each dependent column is made from; keys stand for their parent rows."""
    needs = {}
    for column in keys.table.columns:
        if found := column_needs(keys, column):
            names = [need.key.columns[0] if need.key else need.column for need in found]
            needs[column.name] = tuple(dict.fromkeys(names))
    return needs


def refuse_circles(tables: Mapping[str, TableKeys]) -> None:
    """Refuse columns that are made from themselves, over whatever tables."""
    edges = {node: targets for keys in tables.values() for node, targets in _edges(keys)}
    done: set[_Node] = set()
    for start in edges:
        if start not in done:
            _walk(start, edges, done)


def rule_expression(keys: TableKeys, column: ColumnSpec, text: str) -> Expression:
    """Read an expression over a row's other columns."""
    try:
        return read_expression(text, [each.name for each in keys.table.columns])
    except RefusedExpression as refused:
        raise InvalidArgument(
            f"{keys.table.name}.{column.name}: {refused.message}", hint=refused.hint, metadata=_where(keys, column)
        ) from None


def offset_need(keys: TableKeys, column: ColumnSpec, source: str) -> Need:
    """Column that an offset adds to: one of the row, or `foreign_key.column` of its parent."""
    names = [each.name for each in keys.table.columns]
    if source in names:
        _refuse_key(keys, column, source)
        return Need(source)
    name, dot, wanted = source.partition(".")
    if dot and (key := keys.reference_of(name)):
        return Need(wanted, key)
    raise InvalidArgument(
        f"{keys.table.name}.{column.name}: there is no column {source!r} to add to",
        hint=f"columns are {', '.join(names)}",
        metadata=_where(keys, column),
    )


def lookup_need(keys: TableKeys, column: ColumnSpec, rule: LookupRule) -> Need:
    """Column of a parent that a lookup copies."""
    key = keys.reference_of(rule.foreign_key)
    if key is None:
        known = [name for each in keys.references for name in each.columns]
        raise InvalidArgument(
            f"{keys.table.name}.{column.name}: {rule.foreign_key!r} is no foreign key of the table",
            hint=f"foreign keys are {', '.join(known) or 'none: declare one'}",
            metadata={"rule": "lookup", **_where(keys, column)},
        )
    return Need(rule.column, key)


def _needs(keys: TableKeys, column: ColumnSpec, rule: Rule | None) -> Iterator[Need]:
    match rule:
        case OffsetRule():
            yield offset_need(keys, column, rule.column)
        case LookupRule():
            yield lookup_need(keys, column, rule)
        case DerivedRule():
            yield from map(Need, rule_expression(keys, column, rule.expression).columns)
        case TemplateRule():
            yield from map(Need, template_sources(keys, column.name, rule))
        case ConditionalRule():
            yield from map(Need, rule_expression(keys, column, rule.condition).columns)
            yield from _needs(keys, column, rule.then)
            yield from _needs(keys, column, rule.otherwise)


def _edges(keys: TableKeys) -> Iterator[tuple[_Node, Sequence[_Node]]]:
    table = keys.table.name
    for column in keys.table.columns:
        reference = keys.reference_of(column.name)
        targets: list[_Node] = (
            [
                (reference.parent_table, parent)
                for name, parent in zip(reference.columns, reference.parent_columns, strict=True)
                if name == column.name
            ]
            if reference
            else []
        )
        for need in column_needs(keys, column):
            if need.key:
                targets.append((need.key.parent_table, need.column))
                targets += [(table, name) for name in need.key.columns]
            else:
                targets.append((table, need.column))
        if targets:
            yield (table, column.name), targets


def _walk(start: _Node, edges: Mapping[_Node, Sequence[_Node]], done: set[_Node]) -> None:
    """Go depth first without recursion: chains may be long."""
    path: dict[_Node, Iterator[_Node]] = {start: iter(edges.get(start, ()))}
    while path:
        node = next(reversed(path))
        following = next((each for each in path[node] if each not in done), None)
        if following is None:
            done.add(node)
            del path[node]
        elif following in path:
            nodes = list(path)
            raise _circle([*nodes[nodes.index(following) :], following])
        else:
            path[following] = iter(edges.get(following, ()))


def _circle(nodes: Sequence[_Node]) -> ImpossibleRule:
    table, column = nodes[0]
    one_table = all(node[0] == table for node in nodes)
    circle = " -> ".join(name if one_table else f"{where}.{name}" for where, name in nodes)
    return ImpossibleRule(
        f"{table}.{column}: columns are made from each other in a circle: {circle}",
        hint="let one of them be drawn on its own",
        metadata={"table": table, "column": column, "cycle": circle},
    )


def _refuse_key(keys: TableKeys, column: ColumnSpec, source: str) -> None:
    if keys.reference_of(source):
        raise ImpossibleRule(
            f"{keys.table.name}.{column.name}: {source} is a foreign key, to which nothing can be added",
            hint="add to a plain column",
            metadata=_where(keys, column),
        )


def _where(keys: TableKeys, column: ColumnSpec) -> dict[str, str]:
    return {"table": keys.table.name, "column": column.name}
