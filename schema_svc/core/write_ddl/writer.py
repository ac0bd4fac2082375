"""CREATE TABLE statements, and what belongs with them, in one dialect.

The order of the document is kept; a foreign key to a table further down, or to the table itself, follows as ALTER
TABLE, so that the text runs from top to bottom. Guessed keys are left out: reading the text guesses them again.
"""

from collections.abc import Iterator

from schema_svc.core.ddl.identity import sequence_of_default
from schema_svc.core.model import Column, Experiment, ForeignKey, KeyColumns, Table, View
from schema_svc.core.names import SURROGATE
from schema_svc.core.properties import INFERRED_UNIQUE
from schema_svc.core.surrogate import has_surrogate
from schema_svc.core.vocabulary import Dialect
from schema_svc.core.write_ddl.account import Account
from schema_svc.core.write_ddl.columns import Columns, bound_of
from schema_svc.core.write_ddl.expressions import Translation, Untranslatable
from schema_svc.core.write_ddl.grammar import Where
from schema_svc.core.write_ddl.naming import Naming
from schema_svc.core.write_ddl.properties import check_name, home_tail, key_state, primary_key_state, tail

_TEMPORARY = frozenset({"TEMP", "TEMPORARY"})
_ACTIONS = {"match": "MATCH", "on_delete": "ON DELETE", "on_update": "ON UPDATE"}


class Writer:
    """Writes one experiment."""

    def __init__(self, experiment: Experiment, written: Dialect, account: Account) -> None:
        own = experiment.dialect
        self._experiment, self._account = experiment, account
        self._at_home = own is written
        self._naming = Naming(experiment, written)
        self._grammar = self._naming.grammar
        self._translation = Translation(experiment, self._naming, written)
        self._columns = Columns(own, written, self._naming, self._translation, account)
        self._tables = experiment.tables_by_name()
        self._places = {name: place for place, name in enumerate(self._tables)}
        self._key_names = {table.name.casefold() for table in experiment.tables}
        self._rowed = _referenced_surrogates(experiment)

    def text(self) -> str:
        """The whole text."""
        late: list[str] = []
        paths = [(table, f"tables[{t}]") for t, table in enumerate(self._experiment.tables)]
        statements = [*self._schemas(), *self._sequences(), *(self._table(table, path, late) for table, path in paths)]
        comments = [comment for table, path in paths for comment in self._comments(table, path)]
        views = [text for v, view in enumerate(self._experiment.views) for text in self._view(view, f"views[{v}]")]
        return "\n\n".join(f"{statement};" for statement in [*statements, *late, *comments, *views]) + "\n"

    def _schemas(self) -> Iterator[str]:
        names = dict.fromkeys(table.schema_name for table in self._experiment.tables if table.schema_name)
        if self._grammar.create_schema:
            yield from (f"{self._grammar.create_schema} {self._naming.name(name)}" for name in names)

    def _sequences(self) -> Iterator[str]:
        """The sequences that defaults take numbers from; another dialect's columns count without them."""
        written = set()
        for column in (column for table in self._experiment.tables for column in table.columns if self._at_home):
            name = sequence_of_default(column.properties.get("default", ""))
            counts = column.rule.sequence if column.rule else None
            if name and counts and name not in written:
                written.add(name)
                start, step = counts.start if counts.start is not None else 1, counts.step or 1
                bound = bound_of(start, step) if self._experiment.dialect is Dialect.POSTGRES else ""
                yield f"CREATE SEQUENCE {name} START WITH {start} INCREMENT BY {step}{bound}"

    def _table(self, table: Table, path: str, late: list[str]) -> str:
        surrogate = has_surrogate(table) and table.name not in self._rowed
        elements = [
            self._columns.column(
                column,
                table,
                f"{path}.columns[{c}]",
                unique=column.is_unique and not _said_elsewhere(column, table),
            )
            for c, column in enumerate(table.columns)
            if not (surrogate and column.name == SURROGATE)
        ]
        elements += self._keys(table, path, surrogate)
        elements += self._foreign_keys(table, path, late)
        elements += self._checks(table, path, late)
        if self._at_home and "elements" in table.properties:
            elements.append(table.properties["elements"])
        if table.schema_name and not self._grammar.create_schema:
            self._account.dropped(f"{path}.schema_name", f"schemas; {table.name} is of {table.schema_name}")
        if self._naming.changes(table.name):
            self._account.renamed(f"{path}.name", table.name)
        body = ",\n".join(f"    {element}" for element in elements)
        clauses = home_tail(table) if self._at_home else tail(table, path, self._naming, self._account)
        ending = "".join(f"\n{part}" for part in clauses)
        return f"CREATE {self._kind(table, path)}TABLE {self._naming.table(table)} (\n{body}\n){ending}"

    def _kind(self, table: Table, path: str) -> str:
        words = table.properties.get("kind", "").split()
        placed = bool(table.schema_name and self._grammar.create_schema)  # where a temporary table cannot be
        taken = [word for word in self._grammar.kinds if not (placed and word in _TEMPORARY)]
        kept = [word for word in words if self._at_home or word in taken]
        if len(kept) < len(words):
            self._account.dropped(
                f"{path}.properties.kind", f"{' '.join(words)} TABLE; {table.name} is an ordinary one"
            )
        return "".join(f"{word} " for word in kept)

    def _keys(self, table: Table, path: str, surrogate: bool) -> Iterator[str]:
        state = primary_key_state(table) if self._at_home else ""
        if surrogate:
            yield from self._primary(table, table.composite_keys[0], path, state)
        elif table.primary_key:
            name = table.properties.get("primary_key_name", "")
            yield from self._primary(table, KeyColumns(columns=table.primary_key, name=name), path, state)
        further = table.composite_keys[1 if surrogate else 0 :]
        for field, keys in (("unique_keys", table.unique_keys), ("composite_keys", further)):
            for k, key in enumerate(keys):
                if self._grammar.unique or self._at_home:
                    nulls, state = key_state(table, key.columns) if self._at_home else ("", "")
                    name = self._key_name(key.name, table, f"{path}.{field}[{k}].name")
                    yield f"{self._constraint(name)}UNIQUE{nulls} ({self._naming.names(key.columns)}){state}"
                else:
                    names = ", ".join(key.columns)
                    self._account.dropped(f"{path}.{field}[{k}]", f"UNIQUE, which ({names}) of {table.name} are")

    def _primary(self, table: Table, key: KeyColumns, path: str, state: str) -> Iterator[str]:
        if self._grammar.keys:
            name = self._key_name(key.name, table, f"{path}.properties.primary_key_name")
            yield f"{self._constraint(name)}PRIMARY KEY ({self._naming.names(key.columns)}){state}"

    def _key_name(self, name: str, table: Table, path: str) -> str:
        """Name of a key; elsewhere it shares one space with tables and other keys."""
        if not name or self._at_home:
            return name
        apart = name if name.casefold() not in self._key_names else f"{table.name}_{name}"
        if apart != name:
            self._account.named_apart(path, name, apart)
        self._key_names.add(apart.casefold())
        return apart

    def _foreign_keys(self, table: Table, path: str, late: list[str]) -> Iterator[str]:
        for key, place in _declared(table, path):
            where = self._place_of(key, table)
            if where is Where.INLINE:
                yield self._foreign_key(key, place)
            elif where is Where.ALTER:
                late.append(f"ALTER TABLE {self._naming.table(table)} ADD {self._foreign_key(key, place)}")
            else:
                what = "foreign keys" if self._grammar.foreign_keys is Where.NOWHERE else "such foreign keys"
                names = ", ".join(key.columns)
                self._account.dropped(place, f"{what}; ({names}) of {table.name} refer to {key.references_table}")

    def _place_of(self, key: ForeignKey, table: Table) -> Where:
        """Whether a foreign key is written within its table, behind all tables, or not at all."""
        allowed = Where.LATER if self._at_home else self._grammar.foreign_keys
        if allowed in {Where.INLINE, Where.NOWHERE}:
            return allowed
        parent = self._tables[key.references_table]
        if allowed is Where.ABOVE and self._naming.schema(parent) != self._naming.schema(table):
            return Where.NOWHERE
        distance = self._places[table.name] - self._places[parent.name]
        if distance > 0 or (distance == 0 and allowed is Where.ABOVE):
            return Where.INLINE
        return Where.ALTER if allowed is Where.LATER else Where.NOWHERE

    def _foreign_key(self, key: ForeignKey, path: str) -> str:
        parent = self._tables[key.references_table]
        text = (
            f"{self._constraint(key.name)}FOREIGN KEY ({self._naming.names(key.columns)}) "
            f"REFERENCES {self._naming.table(parent)} ({self._naming.names(key.references_columns)})"
        )
        for name, value in key.properties.items():
            if name in _ACTIONS and (self._at_home or name in self._grammar.actions):
                text += f" {_ACTIONS[name]} {value}"
            elif self._at_home and name != "state":
                self._account.unsaid(f"{path}.properties.{name}", f"{name} of a foreign key is {value}")
            elif not self._at_home:
                self._account.dropped(f"{path}.properties.{name}", f"{name} {value} of foreign keys")
        return f"{text} {key.properties['state']}" if self._at_home and "state" in key.properties else text

    def _checks(self, table: Table, path: str, late: list[str]) -> Iterator[str]:
        for k, check in enumerate(table.checks):
            place = f"{path}.checks[{k}]"
            if self._at_home:
                yield f"{self._constraint(check_name(table, k))}CHECK ({check})"
            elif self._grammar.checks is Where.NOWHERE:
                self._account.dropped(place, f"CHECK; {table.name} has {check[:60]}")
            else:
                try:
                    condition = self._translation.condition(check, table)
                except Untranslatable as why:
                    self._account.untranslated(place, f"CHECK ({check[:60]})", str(why))
                    continue
                name = check_name(table, k) or f"{table.name}_check_{k + 1}"
                named = f"{self._constraint(name)}CHECK ({condition})"
                if self._grammar.checks is Where.INLINE:
                    yield named
                else:
                    late.append(f"ALTER TABLE {self._naming.table(table)} ADD {named}")

    def _comments(self, table: Table, path: str) -> Iterator[str]:
        places = [("TABLE", self._naming.table(table), table.properties, path)]
        for c, column in enumerate(table.columns):
            name = f"{self._naming.table(table)}.{self._naming.name(column.name)}"
            places.append(("COLUMN", name, column.properties, f"{path}.columns[{c}]"))
        for kind, name, properties, place in places:
            if "comment" not in properties:
                continue
            if self._at_home or self._grammar.comments is Where.STATEMENT:
                yield f"COMMENT ON {kind} {name} IS {self._naming.string(properties['comment'])}"
            elif self._grammar.comments is Where.NOWHERE:
                self._account.dropped(f"{place}.properties.comment", f"comments; {name} has one")

    def _view(self, view: View, path: str) -> Iterator[str]:
        materialized = view.materialized and (self._at_home or self._grammar.materialized_views)
        if view.materialized and not materialized:
            self._account.dropped(f"{path}.materialized", f"such materialized views; {view.name} is an ordinary one")
        try:
            query = view.sql if self._at_home else self._translation.query(view.sql)
        except Untranslatable as why:
            self._account.untranslated(path, f"view {view.name}", str(why))
            return
        yield f"CREATE {'MATERIALIZED ' if materialized else ''}VIEW {self._naming.name(view.name)} AS {query}"

    def _constraint(self, name: str) -> str:
        return f"CONSTRAINT {self._naming.name(name)} " if name else ""


def _said_elsewhere(column: Column, table: Table) -> bool:
    """True where a key of the table says it, or only a guessed foreign key needs it."""
    keys = [table.primary_key, *(key.columns for key in table.unique_keys)]
    return [column.name] in keys or INFERRED_UNIQUE in column.properties.items()


def _declared(table: Table, path: str) -> Iterator[tuple[ForeignKey, str]]:
    """Foreign keys that are not guessed, each with its place."""
    for c, column in enumerate(table.columns):
        if (single := column.foreign_key) and not single.inferred:
            key = ForeignKey(
                name=single.properties.get("name", ""),
                columns=[column.name],
                references_table=single.references_table,
                references_columns=[single.references_column],
                properties={name: value for name, value in single.properties.items() if name != "name"},
            )
            yield key, f"{path}.columns[{c}].foreign_key"
    yield from ((key, f"{path}.foreign_keys[{k}]") for k, key in enumerate(table.foreign_keys) if not key.inferred)


def _referenced_surrogates(experiment: Experiment) -> set[str]:
    """Tables whose `_row_id` a declared foreign key refers to: there it is a column like others."""
    keys = (key for table in experiment.tables for key, _ in _declared(table, ""))
    return {key.references_table for key in keys if key.references_columns == [SURROGATE]}
