"""Foreign keys that names imply where the DDL declares none: without them joins answer nothing.

`orders.customer_id` references `customers.customer_id`, or else `customers.id`, if that column is unique and of the
same type. A guess never closes a cycle of required keys. Every guess is marked and can be refused.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from schema_svc.core.check_references import compatible
from schema_svc.core.graph import reaches, required_parents
from schema_svc.core.model import Column, ColumnForeignKey, Experiment, Table
from schema_svc.core.names import SURROGATE

_SUFFIXES = ("_id", "_key", "_sk", "_code", "_no", "_number")
_BARE = ("id", "key", "sk", "code")
_PREFIXES = ("dim_", "d_", "stg_", "fact_", "ref_", "lkp_")
_TABLE_SUFFIXES = ("_dim", "_ref", "_lookup")
SAME_NAME, BARE_NAME, ROLE = 0.95, 0.9, 0.7


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


def infer_foreign_keys(experiment: Experiment, refused: Collection[str] = ()) -> list[Guess]:
    """Add the foreign keys that names imply, except those `refused` as `table.column`; answer them."""
    left_out = {name.casefold() for name in refused}
    tables, required = _by_stem(experiment), required_parents(experiment)
    made = []
    for table in experiment.tables:
        declared = {name for key in table.foreign_keys for name in key.columns}
        for column in table.columns:
            if column.foreign_key or column.name in declared or f"{table.name}.{column.name}".casefold() in left_out:
                continue
            guess = next(_guesses(table, column, tables), None)
            if guess is None or _closes_cycle(column, guess, required):
                continue
            _apply(table, column, guess)
            made.append(guess)
            if column.required and guess.parent != table.name:
                required[table.name].add(guess.parent)
    return made


def _by_stem(experiment: Experiment) -> dict[str, list[Table]]:
    """Tables by the singular of their bare names."""
    stems: dict[str, list[Table]] = {}
    for table in experiment.tables:
        stems.setdefault(_stem(table.name), []).append(table)
    return stems


def _stem(name: str) -> str:
    bare = name.casefold()
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    for suffix in _TABLE_SUFFIXES:
        bare = bare.removesuffix(suffix)
    return singular(bare)


def singular(word: str) -> str:
    """The singular of an English noun, as far as table names need it."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _guesses(table: Table, column: Column, parents: dict[str, list[Table]]) -> Iterator[Guess]:
    if column.rule is not None or column.name == SURROGATE:
        return
    for stem, certainty in _stems(column.name.casefold()):
        for parent in parents.get(stem, []):
            names = [column.name.casefold()] if certainty == SAME_NAME else []
            for name in (*names, f"{stem}_id", f"{stem}_key", *_BARE):
                target = next((other for other in parent.columns if other.name.casefold() == name), None)
                if target and _fits(table, column, parent, target):
                    confidence = certainty if name == column.name.casefold() else min(certainty, BARE_NAME)
                    yield Guess(table.name, column.name, parent.name, target.name, confidence)


def _stems(name: str) -> Iterator[tuple[str, float]]:
    """Nouns that a column's name may refer to: `billing_customer_id` is a customer too, less surely."""
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix) and len(name) > len(suffix)), None)
    if suffix is None:
        return
    noun = singular(name.removesuffix(suffix))
    yield noun, SAME_NAME
    words = noun.split("_")
    for skip in range(1, len(words)):
        yield "_".join(words[skip:]), ROLE


def _fits(table: Table, column: Column, parent: Table, target: Column) -> bool:
    unique = target.is_unique or parent.primary_key == [target.name]
    own_key = table.primary_key == [column.name] and parent.name == table.name
    return unique and target is not column and not own_key and compatible(column, target)


def _closes_cycle(column: Column, guess: Guess, required: dict[str, set[str]]) -> bool:
    return column.required and guess.parent != guess.table and reaches(required, guess.parent, guess.table)


def _apply(table: Table, column: Column, guess: Guess) -> None:
    column.foreign_key = ColumnForeignKey(
        references_table=guess.parent,
        references_column=guess.parent_column,
        nullable=not column.required,
        inferred=True,
        confidence=guess.confidence,
    )
    table.warnings.append(guess.text)
