"""Which table needs which: dependency order and cycles of required foreign keys."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_svc.core.model import Experiment, Table


class Edge(NamedTuple):
    """A foreign key from one table to another."""

    table: str
    columns: tuple[str, ...]
    parent: str
    required: bool


def edges_of(table: Table) -> Iterator[Edge]:
    """Foreign keys of a table, in the document's order."""
    for column in table.columns:
        if key := column.foreign_key:
            yield Edge(table.name, (column.name,), key.references_table, not key.nullable)
    for group in table.foreign_keys:
        yield Edge(table.name, tuple(group.columns), group.references_table, not group.nullable)


def dependency_order(experiment: Experiment) -> list[str]:
    """Names of the tables, parents first as far as cycles of nullable keys let them; else in the document's order."""
    parents = {
        table.name: {edge.parent for edge in edges_of(table) if edge.parent != table.name}
        for table in experiment.tables
    }
    required = {
        table.name: {edge.parent for edge in edges_of(table) if edge.required and edge.parent != table.name}
        for table in experiment.tables
    }
    order: dict[str, None] = {}
    waiting = list(parents)
    while waiting:
        ready = [name for name in waiting if parents[name].isdisjoint(set(waiting) - {name})]
        chosen = ready or [name for name in waiting if required[name].isdisjoint(set(waiting) - {name})][:1]
        order.update(dict.fromkeys(chosen or waiting[:1]))
        waiting = [name for name in waiting if name not in order]
    return list(order)


def required_cycle(experiment: Experiment) -> list[Edge]:
    """The first cycle of required keys among different tables, edge by edge; empty if there is none.

    A required key of a table to itself is no such cycle: its first rows reference themselves.
    """
    edges: dict[str, list[Edge]] = {
        table.name: [edge for edge in edges_of(table) if edge.required and edge.parent != edge.table]
        for table in experiment.tables
    }
    done: set[str] = set()
    for name in edges:
        if cycle := _cycle_from(name, edges, done):
            return cycle
    return []


def _cycle_from(start: str, edges: Mapping[str, list[Edge]], done: set[str]) -> list[Edge]:
    """Search in depth with a stack of our own: chains of tables may be long."""
    path: list[Edge] = []
    open_tables = [start] if start not in done else []
    choices = [iter(edges[start])] if open_tables else []
    while choices:
        edge = next(choices[-1], None)
        if edge is None:
            choices.pop()
            done.add(open_tables.pop())
            if path:
                path.pop()
        elif edge.parent in open_tables:
            return [*path[open_tables.index(edge.parent) :], edge]
        elif edge.parent in edges and edge.parent not in done:
            path.append(edge)
            open_tables.append(edge.parent)
            choices.append(iter(edges[edge.parent]))
    return []
