"""Generation rules that names, types, comments and keys imply. A guess never makes fail what went without it.

Columns that the user described, foreign keys and members of keys of several columns are left alone; a unique column
takes only what is distinct by construction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from schema_svc.core.inference.comments import listed_values, words_in
from schema_svc.core.inference.entries import NUMBER, Numbers, Ranks
from schema_svc.core.inference.fitting import choice_rule, fit
from schema_svc.core.inference.following import RowNames, following
from schema_svc.core.inference.key_names import is_own_key, names_of
from schema_svc.core.inference.matching import Subject, matches, subject_of, vocabulary_of
from schema_svc.core.inference.naming import Vocabulary, words_of
from schema_svc.core.model import Column, Experiment, Table
from schema_svc.core.properties import INFERRED_UNIQUE
from schema_svc.core.rules import Rule, SequenceRule
from schema_svc.core.vocabulary import TypeKind


@dataclass(frozen=True)
class InferredRule:
    """A rule that was inferred for a column."""

    table: str
    column: str
    rule: Rule


def infer_rules(experiment: Experiment) -> list[InferredRule]:
    """Give columns without a rule the one that their names imply, marked as inferred; answer them."""
    vocabulary = vocabulary_of(experiment.tables)
    return [inferred for table in experiment.tables for inferred in _infer_table(table, vocabulary)]


def _infer_table(table: Table, vocabulary: Vocabulary) -> Iterator[InferredRule]:
    subject = subject_of(table, vocabulary)
    bound = _bound(table)
    free = [column for column in table.columns if column.name not in bound and _is_free(column)]
    names = RowNames({column.name: vocabulary.split(words_of(column.name)) for column in table.columns})
    taken = _foreign(table)
    columns = {column.name: column for column in table.columns if column.name not in taken}
    if key := _undeclared_key(table, vocabulary):
        key.rule, key.inferred = Rule(sequence=SequenceRule(start=1, step=1)), True
        yield InferredRule(table.name, key.name, key.rule)
    for column in free:
        if column.rule:
            continue
        found = None if column.is_unique else following(column, names, columns)
        if found and _closes_circle(column.name, found[0], columns):
            found = None
        found = found or _by_comment(column) or _by_words(names.words[column.name], column, subject)
        if found is None:
            continue
        column.rule, column.inferred = found[0], True
        if found[1] and not (column.required or column.is_unique) and column.null_fraction is None:
            column.null_fraction = found[1]
        yield InferredRule(table.name, column.name, found[0])


def _undeclared_key(table: Table, vocabulary: Vocabulary) -> Column | None:
    """The first column of a table without declared keys, if it is an integer and its name says that it is the key."""
    first = table.columns[0] if table.columns else None
    declared = [group for group in table.unique_groups() if first is None or group != [first.name]]
    if first is None or declared or first.foreign_key or not _is_free(first) or _is_bounded(first):
        return None
    if first.is_unique and INFERRED_UNIQUE not in first.properties.items():
        return None
    counts = first.logical_type is not None and first.logical_type.kind in {TypeKind.INT32, TypeKind.INT64}
    return first if counts and is_own_key(names_of(table, vocabulary), first) else None


def _is_bounded(column: Column) -> bool:
    return column.min_value is not None or column.max_value is not None


def _bound(table: Table) -> set[str]:
    """Columns of keys of several columns, and of foreign keys."""
    groups = [group for group in table.unique_groups() if len(group) > 1]
    return _foreign(table) | {name for group in groups for name in group}


def _foreign(table: Table) -> set[str]:
    single = {column.name for column in table.columns if column.foreign_key}
    return single | {name for key in table.foreign_keys for name in key.columns}


def _is_free(column: Column) -> bool:
    """True where the user said nothing about the values; one bound of a number may be given."""
    stated = column.rule or column.faker_rule or column.distribution or column.date_start or column.date_end
    return not stated and (column.min_value is None or column.max_value is None)


def _by_comment(column: Column) -> tuple[Rule, float] | None:
    """One of the values that the comment lists."""
    values = listed_values(column.properties.get("comment", ""))
    logical = column.logical_type
    if (
        not values
        or column.is_unique
        or logical is None
        or column.min_value is not None
        or column.max_value is not None
    ):
        return None
    if logical.kind is TypeKind.STRING:
        length = logical.length or column.varchar_length or 0
        fits = all(not length or len(value) <= length for value in values)
    else:
        fits = logical.kind in NUMBER and all(_is_small_number(value) for value in values)
    return (choice_rule(dict.fromkeys(values, 1.0)), 0.0) if fits else None


def _is_small_number(value: str) -> bool:
    try:
        return abs(Decimal(value)) < 10 and Decimal(value) == int(Decimal(value))
    except InvalidOperation:
        return False


def _by_words(words: tuple[str, ...], column: Column, subject: Subject) -> tuple[Rule, float] | None:
    """The first entry that the name matches and the column takes; then one that a short comment matches."""
    comment = subject.vocabulary.split(words_in(column.properties.get("comment", "")))
    for each in (words, comment):
        for entry in matches(each, subject):
            kind = column.logical_type.kind if column.logical_type else TypeKind.KIND_UNSPECIFIED
            if kind not in entry.kinds or (_is_bounded(column) and not isinstance(entry.filling, Numbers | Ranks)):
                continue
            if rule := fit(entry.filling, column):
                return rule, entry.nulls
    return None


def _closes_circle(name: str, rule: Rule, columns: dict[str, Column]) -> bool:
    """True where following a column would lead back to `name`."""
    source = rule.offset.column if rule.offset else ""
    while source and source != name:
        above = columns[source].rule if source in columns else None
        source = above.offset.column if above and above.offset else ""
    return source == name
