"""Which table needs which: the graph of foreign keys, and the cycles of required ones."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schema_svc.core.model import Experiment, Table

DEFERRED = "deferred"
"""Property of a foreign key that holds once all rows are there: DDL adds it when the tables exist."""


class Edge(NamedTuple):
    """A foreign key from one table to another."""

    table: str
    columns: tuple[str, ...]
    parent: str
    required: bool


def edges_of(table: Table) -> Iterator[Edge]:
    """Foreign keys of a table, in the document's order; a deferred one demands no parent's row before its own."""
    for column in table.columns:
        if key := column.foreign_key:
            required = not key.nullable and DEFERRED not in key.properties
            yield Edge(table.name, (column.name,), key.references_table, required)
    for group in table.foreign_keys:
        required = not group.nullable and DEFERRED not in group.properties
        yield Edge(table.name, tuple(group.columns), group.references_table, required)


def required_parents(experiment: Experiment) -> dict[str, set[str]]:
    """Other tables that must have a row before a table can have one."""
    return {
        table.name: {edge.parent for edge in edges_of(table) if edge.required and edge.parent != table.name}
        for table in experiment.tables
    }


def reaches(parents: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """True where `goal` is `start` or one of its parents at any distance."""
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        waiting += parents.get(name, set()) - seen
        seen |= parents.get(name, set())
    return False


def required_cycle(experiment: Experiment) -> list[Edge]:
    """The first cycle of required keys among different tables, edge by edge; empty if there is none.

    A required key of a table to itself is no such cycle: its first rows reference themselves.
    """
    return next(required_cycles(experiment), [])


def required_cycles(experiment: Experiment) -> Iterator[list[Edge]]:
    """One cycle after the other; whoever asks for the next one has opened the one before."""
    edges = {table.name: _required(table) for table in experiment.tables}
    tables, done = experiment.tables_by_name(), set[str]()
    for name in edges:
        while cycle := _cycle_from(name, edges, done):
            yield cycle
            edges |= {edge.table: _required(tables[edge.table]) for edge in cycle}


def _required(table: Table) -> list[Edge]:
    return [edge for edge in edges_of(table) if edge.required and edge.parent != edge.table]


def _cycle_from(start: str, edges: Mapping[str, list[Edge]], done: set[str]) -> list[Edge]:
    """Search in depth with a stack of our own: chains of tables may be long."""
    if start in done:
        return []
    path: list[Edge] = []
    open_tables, choices = {start: 0}, [iter(edges[start])]
    while choices:
        edge = next(choices[-1], None)
        if edge is None:
            choices.pop()
            done.add(open_tables.popitem()[0])
            if path:
                path.pop()
        elif edge.parent in open_tables:
            return [*path[open_tables[edge.parent] :], edge]
        elif edge.parent in edges and edge.parent not in done:
            path.append(edge)
            open_tables[edge.parent] = len(path)
            choices.append(iter(edges[edge.parent]))
    return []
