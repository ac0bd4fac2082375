"""What the statements of a text say so far, before names are resolved across them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from schema_svc.core.ddl.cursor import TableName, UnreadableSql
from schema_svc.core.model import Column, KeyColumns, View
from schema_svc.core.names import did_you_mean
from schema_svc.core.properties import PRIMARY_KEY_STATE, unique_key_state


@dataclass(frozen=True)
class Reference:
    """A foreign key as written."""

    columns: list[str]
    parent: TableName
    references_columns: list[str]
    offset: int
    name: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    later: bool = False
    """Added when its table was there already."""

    @property
    def deferrable(self) -> bool:
        """True where it may hold only once all rows are there."""
        return self.later or "INITIALLY DEFERRED" in self.properties.get("state", "")


@dataclass(frozen=True)
class Check:
    """A condition as written."""

    condition: str
    name: str = ""


@dataclass
class TableKeys:
    """The constraints of a table, wherever they were written."""

    primary_key: list[str] = field(default_factory=list)
    primary_key_name: str = ""
    unique_keys: list[KeyColumns] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    """How keys are used, such as `primary_key_state`: `NOT ENFORCED RELY`."""

    def drop_primary_key(self) -> None:
        """Take the primary key out."""
        self.primary_key, self.primary_key_name = [], ""
        self.properties.pop(PRIMARY_KEY_STATE, None)

    def drop_unique_keys(self, goes: Callable[[KeyColumns], bool]) -> None:
        """Take out the unique keys that go."""
        for key in filter(goes, self.unique_keys):
            self.properties.pop(unique_key_state(key.columns), None)
        self.unique_keys = [key for key in self.unique_keys if not goes(key)]

    def copy(self) -> Self:
        """Keys of their own, with the same entries."""
        return replace(
            self,
            primary_key=list(self.primary_key),
            unique_keys=list(self.unique_keys),
            references=list(self.references),
            checks=list(self.checks),
            properties=dict(self.properties),
        )


@dataclass
class TableDraft:
    """A table as its statements have it so far."""

    place: TableName
    offset: int
    columns: list[Column] = field(default_factory=list)
    keys: TableKeys = field(default_factory=TableKeys)
    properties: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    replaces: bool = False
    if_missing: bool = False
    dropped: bool = False
    """A later DROP TABLE names it: a later CREATE TABLE takes its place."""

    @property
    def name(self) -> str:
        """The name without schema."""
        return self.place.name

    @property
    def schema(self) -> str:
        """The schema; empty where none is written."""
        return self.place.schema

    @property
    def shown(self) -> str:
        """The name as a user would write it."""
        return ".".join(part for part in self.place if part)

    def copy(self) -> Self:
        """A table of its own with the same parts."""
        return replace(self.attempt(), columns=[_copied(column) for column in self.columns])

    def attempt(self) -> Self:
        """A draft that can be changed, or given up; its columns are this one's until they are `altered`."""
        return replace(
            self,
            columns=list(self.columns),
            keys=self.keys.copy(),
            properties=dict(self.properties),
            warnings=list(self.warnings),
        )

    def column(self, name: str) -> Column | None:
        """Find a column."""
        return next((column for column in self.columns if column.name == name), None)

    def require(self, name: str, offset: int) -> Column:
        """Find a column or refuse the statement."""
        if found := self.column(name):
            return found
        known = [column.name for column in self.columns]
        raise UnreadableSql(f"{self.shown} has no column {name!r}", offset, did_you_mean(name, known))

    def altered(self, name: str, offset: int) -> Column:
        """Find a column that is about to change, or refuse the statement; what this is an attempt of keeps its own."""
        before = self.require(name, offset)
        after = _copied(before)
        self.columns = [after if column is before else column for column in self.columns]
        return after


def _copied(column: Column) -> Column:
    return column.model_copy(update={"properties": dict(column.properties)})


@dataclass(frozen=True)
class Sequence:
    """What CREATE SEQUENCE says of its numbers."""

    start: int = 1
    step: int = 1


VALUE = "\0VALUE\0"
"""Stands in a domain's condition for the column."""


@dataclass(frozen=True)
class NamedType:
    """A domain or enumeration of the text."""

    source_type: str = ""
    """Type that it stands for; empty if there is none."""
    condition: str = ""
    """What its values keep, with `VALUE` for the value."""
    default: str = ""
    required: bool = False


@dataclass
class Drafts:
    """The tables and views of a text so far, and what they are made of."""

    views: list[View] = field(default_factory=list)
    sequences: dict[str, Sequence] = field(default_factory=dict)
    types: dict[str, NamedType] = field(default_factory=dict)
    indexes: dict[str, list[str]] = field(default_factory=dict)
    """Columns of unique indexes by their names."""
    schema: TableName = field(default=TableName("", "", ""))
    """Database and schema of names without one."""
    element_schema: TableName = field(default=TableName("", "", ""))
    """Schema of the elements of the last CREATE SCHEMA."""
    refused: dict[str, int] = field(default_factory=dict)
    """Names of the tables whose CREATE TABLE was refused, and its lines."""
    _tables: dict[TableName, TableDraft] = field(default_factory=dict)
    _named: dict[str, list[TableName]] = field(default_factory=dict)
    _folded: dict[TableName, TableName] = field(default_factory=dict)

    @property
    def tables(self) -> list[TableDraft]:
        """The tables, in the text's order."""
        return list(self._tables.values())

    def placed(self, name: TableName) -> TableName:
        """A name with the schema it is in."""
        return name if name.schema or not self.schema.schema else self.schema._replace(name=name.name)

    def get(self, place: TableName) -> TableDraft | None:
        """The table of exactly this place."""
        return self._tables.get(place)

    def alike(self, place: TableName) -> TableDraft | None:
        """A table whose place differs from this one by case only."""
        found = self._folded.get(_casefold(place), place)
        return self._tables.get(found) if found != place else None

    def put(self, draft: TableDraft) -> None:
        """Add a table, or change the one of its place."""
        if draft.place not in self._tables:
            self._named.setdefault(draft.name, []).append(draft.place)
            self._folded[_casefold(draft.place)] = draft.place
        self._tables[draft.place] = draft

    def remove(self, place: TableName) -> None:
        """Forget a table."""
        del self._tables[place]
        self._named[place.name].remove(place)

    def rename(self, before: TableName, draft: TableDraft) -> None:
        """Give a table another name at its old place in the text's order."""
        self._tables = {
            (draft.place if place == before else place): (draft if place == before else table)
            for place, table in self._tables.items()
        }
        self._named[before.name].remove(before)
        self._named.setdefault(draft.name, []).append(draft.place)
        self._folded[_casefold(draft.place)] = draft.place

    def find(self, name: TableName, near: TableName | None = None) -> TableDraft | None:
        """Find a table by its schema (or that of `near`), or by its name alone where that is not ambiguous."""
        beside = [near._replace(name=name.name)] if near and not name.schema else []
        for place in (name, *beside, self.placed(name)):
            if place in self._tables:
                return self._tables[place]
        named = [self._tables[place] for place in self._named.get(name.name, ())]
        if name.schema:
            named = [draft for draft in named if draft.schema in {name.schema, ""}]
        if name.database:
            named = [draft for draft in named if draft.place.database in {name.database, ""}]
        return named[0] if len(named) == 1 else None

    def require(self, name: TableName, offset: int) -> TableDraft:
        """Find a table or refuse the statement."""
        if found := self.find(name):
            return found
        if name.name in self.refused:
            line = self.refused[name.name]
            raise UnreadableSql(f"table {name.name!r} was refused at line {line}", offset, "mend its CREATE TABLE")
        known = list(dict.fromkeys(place.name for place in self._tables))
        raise UnreadableSql(
            f"table {name.name!r} is not defined above", offset, did_you_mean(name.name, known, "above are")
        )


def _casefold(place: TableName) -> TableName:
    return TableName(*(part.casefold() for part in place))
