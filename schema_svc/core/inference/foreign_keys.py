"""Foreign keys that names imply where the DDL declares none: without them joins answer nothing.

`orders.customer_id` references the unique column of `customers` of the same type; `billing_customer_id`, `cust_id` and
`manager_id` are guessed less surely. A name that could mean two tables means none. A guess never makes impossible what
went without it (`harm`). Every guess is marked and can be refused.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from schema_svc.core.check_references import compatible
from schema_svc.core.graph import required_parents
from schema_svc.core.inference.entries import NUMBER
from schema_svc.core.inference.fitting import whole_digits
from schema_svc.core.inference.harm import Harm
from schema_svc.core.inference.key_names import NUMBERS, KeyName, TableNames, key_name, names_of
from schema_svc.core.inference.matching import vocabulary_of
from schema_svc.core.inference.targets import Target, Targets
from schema_svc.core.model import Column, ColumnForeignKey, Experiment, Table
from schema_svc.core.names import SURROGATE
from schema_svc.core.properties import INFERRED_UNIQUE
from schema_svc.core.vocabulary import TypeKind

SAME_NAME, NOUN, ROLE, SHORT, SELF, PERSON = 0.95, 0.9, 0.7, 0.6, 0.6, 0.5
_SELVES = frozenset(("parent", "predecessor", "root", "ancestor", "previous", "original"))
_BOSSES = frozenset(("manager", "supervisor", "boss", "superior", "mentor"))
_SELF_NAMES = frozenset(("reports_to", "reportsto", "referred_by", "parent"))
_PEOPLE = ("user", "employee", "person", "staff", "worker", "agent", "salesperson")
_ROLES = frozenset(
    (
        "owner", "author", "creator", "editor", "assignee", "reporter", "buyer", "seller", "salesperson", "approver",
        "reviewer", "manager", "supervisor", "recipient", "sender", "agent", "rep",
    )
)  # fmt: skip
_ROLE_NAMES = frozenset(("created_by", "updated_by", "modified_by", "deleted_by", "approved_by", "assigned_to"))
_ENOUGH_DIGITS = 9
"""Digits of an INT, which hold the rows of any parent that is keyed by a BIGINT here."""
_SHORT_FORMS = {
    "acct": "account", "addr": "address", "cust": "customer", "dept": "department", "emp": "employee", "txn":
    "transaction", "whse": "warehouse", "loc": "location", "org": "organization", "supp": "supplier",
}  # fmt: skip


class Guess(NamedTuple):
    """A foreign key that names imply."""

    table: str
    column: str
    parent: str
    parent_column: str
    confidence: float

    @property
    def text(self) -> str:
        """The guess in one line."""
        return (
            f"Foreign key {self.table}.{self.column} -> {self.parent}.{self.parent_column} was inferred from names "
            f"(confidence {self.confidence:g})."
        )


class _Site(NamedTuple):
    """A column that may be a foreign key, and how its name reads."""

    names: TableNames
    column: Column
    key: KeyName | None

    @property
    def table(self) -> Table:
        return self.names.table


def infer_foreign_keys(experiment: Experiment, refused: Collection[str] = ()) -> list[Guess]:
    """Add the foreign keys that names imply, except those `refused` as `table.column`; answer them."""
    left_out = {name.casefold() for name in refused}
    vocabulary = vocabulary_of(experiment.tables)
    readings = [names_of(table, vocabulary) for table in experiment.tables]
    targets, harm = Targets(readings, left_out), Harm(experiment, required_parents(experiment))
    made = []
    for site in _sites(readings, left_out):
        found = next(_guesses(site, targets, harm), None)
        if found is None:
            continue
        target, confidence = found
        guess = Guess(site.table.name, site.column.name, target.table.name, target.column.name, confidence)
        _apply(site, target, guess)
        harm.added(site.table, site.column, target.table)
        made.append(guess)
    return made


def _sites(readings: Iterable[TableNames], left_out: Collection[str]) -> Iterator[_Site]:
    for names in readings:
        declared = {name for key in names.table.foreign_keys for name in key.columns}
        for column in names.table.columns:
            refused = f"{names.table.name}.{column.name}".casefold() in left_out
            stated = column.rule or column.faker_rule or column.distribution
            if not (refused or stated or column.foreign_key or column.name in declared or column.name == SURROGATE):
                yield _Site(names, column, key_name(names.words(column.name)))


def _guesses(site: _Site, targets: Targets, harm: Harm) -> Iterator[tuple[Target, float]]:
    """Targets that a column could reference, the surest first; only where one level of names means one of them."""
    for level, confidence in _LEVELS:
        fitting = [target for target in level(site, targets) if _fits(site, target)]
        target = _one_of(fitting, site) if fitting else None
        if target is None:
            continue
        if not harm.would_harm(site.table, site.column, target.table, target.column):
            yield target, confidence
        return


def _same_name(site: _Site, targets: Targets) -> Iterable[Target]:
    found = targets.named(site.column.name)
    owners = [target for target in found if site.key and target.table_nouns == site.key.nouns]
    return owners or found


def _noun(site: _Site, targets: Targets) -> Iterable[Target]:
    return targets.of(site.key.nouns) if site.key and site.key.nouns else ()


def _role(site: _Site, targets: Targets) -> Iterable[Target]:
    """The longest last words: a `billing_customer_id` is a customer's."""
    nouns = site.key.nouns if site.key else ()
    return next((found for skip in range(1, len(nouns)) if (found := targets.of(nouns[skip:]))), ())


def _short(site: _Site, targets: Targets) -> Iterable[Target]:
    """`cust_id` of customers, `cdemo_sk` of customer_demographics with its `cd_demo_sk`."""
    if site.key is None or not site.key.nouns:
        return ()
    word = site.key.nouns[-1]
    named = targets.of((_SHORT_FORMS.get(word, word),)) or targets.beginning(word)
    return named or [target for before, target in targets.ending_in(word) if target.table_nouns[0].startswith(before)]


def _itself(site: _Site, targets: Targets) -> Iterable[Target]:
    """The row above: `parent_id`, `manager_id`, `reports_to`."""
    words = site.names.words(site.column.name)
    selves = _SELVES | _BOSSES if {*site.names.nouns} & {*_PEOPLE} else _SELVES
    above = bool(site.key and site.key.nouns and site.key.nouns[0] in selves)
    if site.column.required or not (above or "_".join(words) in _SELF_NAMES):
        return ()
    return [target for target in targets.of_table(site.table.name) if not target.implied]


def _person(site: _Site, targets: Targets) -> Iterable[Target]:
    """Whoever did it: `seller_id`, `created_by`; the first kind of people that the experiment has."""
    words = site.names.words(site.column.name)
    if not ("_".join(words[-2:]) in _ROLE_NAMES or (site.key and site.key.nouns and site.key.nouns[-1] in _ROLES)):
        return ()
    return next((found for noun in _PEOPLE if (found := targets.of((noun,)))), ())


_LEVELS: tuple[tuple[Callable[[_Site, Targets], Iterable[Target]], float], ...] = (
    (_same_name, SAME_NAME),
    (_noun, NOUN),
    (_role, ROLE),
    (_itself, SELF),
    (_short, SHORT),
    (_person, PERSON),
)


def _fits(site: _Site, target: Target) -> bool:
    """True where the types agree, and it is neither the column itself nor another row's key of the same kind."""
    own = target.table is site.table
    if site.column.is_unique and not (site.key and site.key.nouns == target.table_nouns):
        return False
    if target.column is site.column or not compatible(site.column, target.column):
        return False
    if not _holds(site.column, target.column):
        return False
    if own and (site.column.is_unique or site.column.required):
        return False
    if target.implied and target.column.foreign_key:
        return False
    ending = key_name(site.names.words(target.column.name))
    numbered = site.key is not None and site.key.ending in NUMBERS
    return not numbered or target.column.name == site.column.name or bool(ending and ending.ending in NUMBERS)


def _holds(column: Column, target: Column) -> bool:
    """True where the column is wide enough for the keys of its parent."""
    own, other = column.logical_type, target.logical_type
    if own is None or other is None:
        return False
    if own.kind is TypeKind.STRING:
        return not own.length or 0 < other.length <= own.length
    return own.kind not in NUMBER or whole_digits(own) >= min(whole_digits(other), _ENOUGH_DIGITS)


def _one_of(targets: list[Target], site: _Site) -> Target | None:
    """The only target; of several, that of the same schema, the primary key of one table, or the dimension."""
    if len(targets) > 1 and site.table.schema_name:
        near = [target for target in targets if target.table.schema_name == site.table.schema_name]
        targets = near or targets
    if len({target.table.name for target in targets}) > 1:
        dimensions = [target for target in targets if target.table.name.casefold().startswith("dim_")]
        targets = dimensions if len(dimensions) == 1 else []
    primary = [target for target in targets if target.table.primary_key == [target.column.name]]
    return next(iter(primary or targets), None)


def _apply(site: _Site, target: Target, guess: Guess) -> None:
    site.column.foreign_key = ColumnForeignKey(
        references_table=guess.parent,
        references_column=guess.parent_column,
        nullable=not site.column.required,
        inferred=True,
        confidence=guess.confidence,
    )
    site.table.warnings.append(guess.text)
    if target.implied and not target.column.is_unique:
        target.column.is_unique = True
        target.column.properties[INFERRED_UNIQUE[0]] = INFERRED_UNIQUE[1]
        target.table.warnings.append(
            f"Column {guess.parent}.{guess.parent_column} was taken as unique: names of other tables refer to it, and "
            "the DDL declares no key."
        )
