"""Foreign keys that share columns: one of them leads, and the values of the others follow from it.

- A key follows from another that covers its columns where the other's parent takes the same values from the same place:
  (item, ticket) of a return is a sale, and a sale's item is an item already.
- Two keys of one column agree where both parents number their rows alike: the rows that both have are drawn from.

Others are refused: no value would be sure to be in both parents.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from generator_svc.core.defaults import default_rule
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import SequenceRule
from generator_svc.core.spec import ForeignKeySpec, TableSpec, UniformParents

References = Mapping[str, Sequence[ForeignKeySpec]]


def leading_keys(table: str, tables: Mapping[str, TableSpec], references: References) -> tuple[ForeignKeySpec, ...]:
    """Foreign keys of a table whose parents are drawn; those that follow from them are left out."""
    kept: list[ForeignKeySpec] = []
    for key in sorted(references[table], key=lambda each: -len(each.columns)):
        if leader := next((each for each in kept if _follows(key, each, table, references)), None):
            _refuse_choice(table, key, leader)
            continue
        followers = [each for each in kept if _follows(each, key, table, references)]
        for follower in followers:
            _refuse_choice(table, follower, key)
        kept = [each for each in kept if each not in followers]
        rival = next((each for each in kept if set(each.columns) & set(key.columns)), None)
        if rival is None:
            kept.append(key)
        elif _agree(table, rival, key, tables, references):
            if not isinstance(rival.choice, UniformParents):
                _refuse_choice(table, key, rival)
            kept[kept.index(rival)] = _together(rival, key)
        else:
            raise _refusal(table, rival, key)
    order = [each.columns for each in references[table]]
    return tuple(sorted(kept, key=lambda each: order.index(each.columns)))


def _refuse_choice(table: str, key: ForeignKeySpec, leader: ForeignKeySpec) -> None:
    """Refuse a choice of parents that would be lost: the leader's parents decide."""
    if isinstance(key.choice, UniformParents):
        return
    columns = ", ".join(key.columns)
    raise ImpossibleRule(
        f"the parents that {table}.{columns} has in {key.parent_table} follow from those in {leader.parent_table}: "
        "its parent_choice would have no effect",
        hint=f"leave it out, or put it on the key to {leader.parent_table}",
        metadata={"table": table, "column": key.columns[0]},
    )


def _together(first: ForeignKeySpec, second: ForeignKeySpec) -> ForeignKeySpec:
    """One key for two: it chooses parents as the one does that says how."""
    if isinstance(first.choice, UniformParents) and not isinstance(second.choice, UniformParents):
        return replace(second, nullable=first.nullable, also=(first.parent_table, *first.also))
    return replace(first, also=(*first.also, second.parent_table))


def _follows(key: ForeignKeySpec, leader: ForeignKeySpec, table: str, references: References) -> bool:
    """Whether the leader's parents bring values with them that the key allows."""
    if not set(key.columns) <= set(leader.columns) or leader.parent_table == table:
        return False
    places = _taken_from(leader.parent_table, _at_parent(leader, key.columns), references, ())
    return (key.parent_table, key.parent_columns) in places


def _taken_from(
    table: str, columns: tuple[str, ...], references: References, path: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Columns of a table and all those further up that their values are taken from."""
    yield table, columns
    for key in references[table]:
        if set(columns) <= set(key.columns) and key.parent_table not in path:
            yield from _taken_from(key.parent_table, _at_parent(key, columns), references, (*path, table))


def _at_parent(key: ForeignKeySpec, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(key.parent_columns[key.columns.index(column)] for column in columns)


def _agree(
    table: str, first: ForeignKeySpec, second: ForeignKeySpec, tables: Mapping[str, TableSpec], references: References
) -> bool:
    """Whether two keys of one column may draw the same rows; those of a tree have parents of their own."""
    if first.columns != second.columns or len(first.columns) > 1 or table in {first.parent_table, second.parent_table}:
        return False
    numbering = _numbering(first, tables, references)
    return numbering is not None and numbering == _numbering(second, tables, references)


def _numbering(key: ForeignKeySpec, tables: Mapping[str, TableSpec], references: References) -> SequenceRule | None:
    """How the parent numbers its rows, if it does."""
    parent, (name,) = tables[key.parent_table], key.parent_columns
    if any(name in each.columns for each in references[parent.name]):
        return None
    column = next(each for each in parent.columns if each.name == name)
    rule = column.rule or default_rule(parent.name, column, primary=parent.primary_key == (name,), distinct=True)
    return rule if isinstance(rule, SequenceRule) else None


def _refusal(table: str, first: ForeignKeySpec, second: ForeignKeySpec) -> ImpossibleRule:
    column = next(name for name in first.columns if name in second.columns)
    return ImpossibleRule(
        f"{table}.{column} belongs to two foreign keys, to {first.parent_table} and {second.parent_table}, "
        "which are not sure to have a value in common",
        hint="keep one of the two, let one parent refer to the other, or number both parents by the same sequence",
        metadata={"table": table, "column": column},
    )
