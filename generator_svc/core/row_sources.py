"""Which columns of a row are made from others of the same row, and that they do so in no circle."""

from collections.abc import Container, Mapping
from graphlib import CycleError, TopologicalSorter

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.keys import TableKeys
from generator_svc.core.offset_columns import offset_sources
from generator_svc.core.template_columns import template_sources

Sources = Mapping[str, tuple[str, ...]]


def row_sources(keys: TableKeys) -> Sources:
    """Columns that each column is made from; circles are refused."""
    sources = {column: (source,) for column, source in offset_sources(keys).items()} | template_sources(keys)
    try:
        TopologicalSorter(sources).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        raise ImpossibleRule(
            f"{keys.table.name}.{circle[0]}: columns are made from each other in a circle: {' -> '.join(circle)}",
            hint="let one of them be drawn on its own",
            metadata={"table": keys.table.name, "column": circle[0]},
        ) from None
    return sources


def upstream(sources: Sources, column: str, done: Container[str]) -> list[str]:
    """List the column and those that it is made from as far as they are not done, the farthest first."""
    ordered: dict[str, None] = {}
    left = [column]
    while left:
        waiting = [source for source in sources.get(left[-1], ()) if source not in done and source not in ordered]
        if waiting and left[-1] not in done:
            left += waiting
        elif (name := left.pop()) not in done:
            ordered[name] = None
    return list(ordered)
