"""How the keys of several columns of a table are kept: which foreign key leads, which member counts, which combine.

- Without foreign keys, the members are the digits of a permuted row number.
- With one, rows fan out over that parent (the anchor). If a plain integer member has no rule it takes the ordinal among
  the parent's children (`line_no`), and nothing else is bound. Otherwise the other members take the ordinal-th of all
  their combinations, in an order of the parent's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dwsim_wire.fault import NotYetAvailable
from generator_svc.core.keys import TableKeys
from generator_svc.core.spec import FanOut, ForeignKeySpec, TypeKind

_INTEGERS = frozenset({TypeKind.INT16, TypeKind.INT32, TypeKind.INT64})


@dataclass(frozen=True, slots=True)
class Combination:
    """Members of one key beside the anchor: other foreign keys, and columns of their own."""

    references: tuple[ForeignKeySpec, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Keys that share an anchor: columns that take the ordinal, members that combine."""

    anchor: ForeignKeySpec
    ordinals: tuple[str, ...] = ()
    combinations: tuple[Combination, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All keys of several columns of a table; `distinct` columns are made distinct on their own to keep one."""

    clusters: tuple[Cluster, ...]
    products: tuple[tuple[str, ...], ...]
    distinct: frozenset[str]


def arrange(keys: TableKeys, parent_rows: Mapping[str, int]) -> Arrangement:
    """Arrange the keys of a table whose parents have so many rows."""
    clusters: dict[ForeignKeySpec, Cluster] = {}
    products: list[tuple[str, ...]] = []
    distinct: set[str] = set()
    for group in keys.groups:
        references = tuple(key for key in keys.references if set(key.columns) & set(group))
        if any(keys.is_distinct(key) for key in references):
            continue
        _refuse_partial(keys, group, references)
        anchors = [key for key in references if key.parent_table != keys.table.name]
        if anchors:
            anchor = _anchor(anchors, clusters, parent_rows)
            clusters[anchor] = _joined(keys, clusters.get(anchor, Cluster(anchor)), group, references)
        elif references:
            distinct.add(_distinct_member(keys, group))
        else:
            products.append(group)
    arranged = Arrangement(tuple(clusters.values()), tuple(products), frozenset(distinct))
    _refuse_twice(keys, arranged)
    return arranged


def _anchor(
    anchors: list[ForeignKeySpec], clusters: Mapping[ForeignKeySpec, Cluster], parent_rows: Mapping[str, int]
) -> ForeignKeySpec:
    """One that leads already, else one that asks for a fan-out, else the one with most parents."""

    def rank(key: ForeignKeySpec) -> tuple[bool, bool, int]:
        return key in clusters, isinstance(key.choice, FanOut), parent_rows[key.parent_table]

    return max(anchors, key=rank)


def _joined(
    keys: TableKeys, cluster: Cluster, group: tuple[str, ...], references: tuple[ForeignKeySpec, ...]
) -> Cluster:
    bound = {column for key in references for column in key.columns}
    plain = tuple(column for column in group if column not in bound)
    counting = [name for name in plain if keys.column(name).rule is None and keys.column(name).type.kind in _INTEGERS]
    if counting:
        return Cluster(cluster.anchor, (*cluster.ordinals, counting[-1]), cluster.combinations)
    others = tuple(key for key in references if key != cluster.anchor)
    return Cluster(cluster.anchor, cluster.ordinals, (*cluster.combinations, Combination(others, plain)))


def _distinct_member(keys: TableKeys, group: tuple[str, ...]) -> str:
    """Member of a key with a self-reference that is made distinct, so that the tuples are."""
    free = [name for name in group if keys.reference_of(name) is None and keys.column(name).rule is None]
    if not free:
        raise _not_served(keys, group, "a self-reference")
    return free[-1]


def _refuse_partial(keys: TableKeys, group: tuple[str, ...], references: tuple[ForeignKeySpec, ...]) -> None:
    if any(not set(key.columns) <= set(group) for key in references):
        raise _not_served(keys, group, "only some columns of a composite foreign key")


def _refuse_twice(keys: TableKeys, arranged: Arrangement) -> None:
    """Refuse keys that would each decide the same column."""
    taken: set[str] = set()
    groups = [*arranged.products]
    for cluster in arranged.clusters:
        groups += [cluster.anchor.columns, *((column,) for column in cluster.ordinals)]
        groups += [each.columns for each in cluster.combinations]
        groups += [key.columns for each in cluster.combinations for key in each.references]
    for group in groups:
        if taken & set(group):
            raise _not_served(keys, group, "a column that another key decides too")
        taken |= set(group)


def _not_served(keys: TableKeys, group: tuple[str, ...], what: str) -> NotYetAvailable:
    return NotYetAvailable(
        f"{keys.table.name}: the key ({', '.join(group)}) with {what} is not served yet",
        hint="drop the key or declare one of its columns unique",
        metadata={"table": keys.table.name, "column": group[0]},
    )
