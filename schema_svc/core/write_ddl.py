"""CREATE TABLE statements in the dialect that the experiment was written in.

The order of the document is kept; a foreign key to a table further down, or to the table itself, follows as ALTER
TABLE, so that the text runs from top to bottom. Guessed keys are left out: reading the text guesses them again.
"""

from collections.abc import Iterator

from dwsim_wire.fault import NotYetAvailable
from schema_svc.core.ddl.identity import sequence_of_default
from schema_svc.core.inference.targets import INFERRED_UNIQUE
from schema_svc.core.model import Column, Experiment, ForeignKey, KeyColumns, Table
from schema_svc.core.names import SURROGATE, identifier
from schema_svc.core.properties import KEY_STATE, UNWRITTEN, WHOLE_CLAUSES
from schema_svc.core.report import Diagnostic
from schema_svc.core.surrogate import has_surrogate
from schema_svc.core.vocabulary import IMPORTED_DIALECTS, Dialect, Severity

_TABLE_PROPERTIES = ("distkey", "sortkey", "sortkey_style", "diststyle", "backup", "encode", "cluster_by", "comment")
_NOT_OPTIONS = frozenset({*_TABLE_PROPERTIES, *WHOLE_CLAUSES, *UNWRITTEN, "kind", "copy_grants"})
_COLUMN_PROPERTIES = ("identity", "computed")
_COLUMN_SETTINGS = ("storage", "compression", "character")


def write_ddl(experiment: Experiment, dialect: Dialect) -> str:
    """Write every table and view."""
    own = experiment.dialect
    written = dialect if dialect is not Dialect.NAME_UNSPECIFIED else own
    if written is Dialect.NAME_UNSPECIFIED:
        written = Dialect.REDSHIFT
    if written not in IMPORTED_DIALECTS or own not in {written, Dialect.NAME_UNSPECIFIED}:
        raise NotYetAvailable(
            f"DDL of a {own.lower()} experiment cannot be written in {written.lower()} yet",
            hint="leave the dialect out, or export JSON or YAML",
        )
    return _Writer(experiment, written).text()


def unsaid_by_ddl(experiment: Experiment) -> list[Diagnostic]:
    """What DDL has no words for."""
    found = []
    for t, table in enumerate(experiment.tables):
        path = f"tables[{t}]"
        found.append(_unsaid(f"{path}.target_rows", f"{table.name} has {table.target_rows} rows"))
        for c, column in enumerate(table.columns):
            if _has_rule(column) and column.name != SURROGATE and not column.inferred:
                found.append(_unsaid(f"{path}.columns[{c}]", f"how cells of {table.name}.{column.name} are made"))
            if column.foreign_key and column.foreign_key.inferred:
                found.append(_unsaid(f"{path}.columns[{c}].foreign_key", "a guessed foreign key is left out"))
    return found


def _unsaid(path: str, what: str) -> Diagnostic:
    return Diagnostic(Severity.INFO, "NOT_IN_DDL", f"DDL does not say it: {what}", path=path)


def _has_rule(column: Column) -> bool:
    given = (column.min_value, column.max_value, column.null_fraction, column.distribution)
    stated = column.rule is not None and "identity" not in column.properties
    return (
        stated or any(x is not None for x in given) or bool(column.date_start or column.date_end or column.faker_rule)
    )


class _Writer:
    """Writes one experiment."""

    def __init__(self, experiment: Experiment, dialect: Dialect) -> None:
        self._experiment = experiment
        self._dialect = dialect
        self._tables = experiment.tables_by_name()
        self._places = {name: place for place, name in enumerate(self._tables)}

    def text(self) -> str:
        late: list[str] = []
        tables = [self._table(table, late) for table in self._experiment.tables]
        statements = [*self._sequences(), *tables]
        views = [
            f"CREATE {'MATERIALIZED ' if view.materialized else ''}VIEW {self._name(view.name)} AS {view.sql}"
            for view in self._experiment.views
        ]
        comments = [comment for table in self._experiment.tables for comment in self._comments(table)]
        return "\n\n".join(f"{statement};" for statement in [*statements, *late, *comments, *views]) + "\n"

    def _sequences(self) -> Iterator[str]:
        """The sequences that defaults take numbers from."""
        written = set()
        for table in self._experiment.tables:
            for column in table.columns:
                name = sequence_of_default(column.properties.get("default", ""))
                counts = column.rule.sequence if column.rule else None
                if name and counts and name not in written:
                    written.add(name)
                    yield f"CREATE SEQUENCE {name} START WITH {counts.start} INCREMENT BY {counts.step}"

    def _comments(self, table: Table) -> Iterator[str]:
        name = self._qualified(table)
        if "comment" in table.properties:
            yield f"COMMENT ON TABLE {name} IS {self._string(table.properties['comment'])}"
        for column in table.columns:
            if "comment" in column.properties:
                text = self._string(column.properties["comment"])
                yield f"COMMENT ON COLUMN {name}.{self._name(column.name)} IS {text}"

    def _table(self, table: Table, late: list[str]) -> str:
        surrogate = has_surrogate(table)
        columns = [column for column in table.columns if not (surrogate and column.name == SURROGATE)]
        elements = [self._column(column, table) for column in columns]
        elements += self._keys(table, surrogate)
        for key in self._foreign_keys(table):
            if self._places.get(key.references_table, 0) < self._places[table.name]:
                elements.append(self._foreign_key(key))
            else:
                late.append(f"ALTER TABLE {self._qualified(table)} ADD {self._foreign_key(key)}")
        elements += self._checks(table)
        if "elements" in table.properties:
            elements.append(table.properties["elements"])
        kind = f"{table.properties['kind']} " if "kind" in table.properties else ""
        body = ",\n".join(f"    {element}" for element in elements)
        tail = "".join(f"\n{part}" for part in self._tail(table))
        return f"CREATE {kind}TABLE {self._qualified(table)} (\n{body}\n){tail}"

    def _column(self, column: Column, table: Table) -> str:
        parts = [self._name(column.name), column.source_type or _written_type(column)]
        properties = column.properties
        if "default" in properties:
            parts.append(f"DEFAULT {properties['default']}")
        parts += [properties[name] for name in _COLUMN_PROPERTIES if name in properties]
        if column.required:
            parts.append("NOT NULL")
        if column.is_unique and not self._said_elsewhere(column, table):
            parts.append(f"UNIQUE{self._state(table, [column.name])}")
        if "encode" in properties:
            parts.append(f"ENCODE {properties['encode']}")
        if "collate" in properties:
            parts.append(f"COLLATE {self._collation(properties['collate'])}")
        parts += [properties[name] for name in _COLUMN_SETTINGS if name in properties]
        parts += [properties[name] for name in ("masking_policy", "projection_policy", "tag") if name in properties]
        return " ".join(parts)

    def _state(self, table: Table, columns: list[str]) -> str:
        state = table.properties.get(f"{KEY_STATE}{', '.join(columns)})", "")
        return f" {state}" if state else ""

    def _checks(self, table: Table) -> Iterator[str]:
        names = table.properties.get("check_names", "").split(", ")
        for place, check in enumerate(table.checks):
            yield f"{self._constraint(names[place] if place < len(names) else '')}CHECK ({check})"

    def _said_elsewhere(self, column: Column, table: Table) -> bool:
        keys = [table.primary_key, *(key.columns for key in table.unique_keys)]
        return [column.name] in keys or INFERRED_UNIQUE in column.properties.items()

    def _keys(self, table: Table, surrogate: bool) -> Iterator[str]:
        state = f" {table.properties['primary_key_state']}" if "primary_key_state" in table.properties else ""
        if surrogate:
            yield self._key("PRIMARY KEY", table.composite_keys[0]) + state
        elif table.primary_key:
            name = table.properties.get("primary_key_name", "")
            yield self._key("PRIMARY KEY", KeyColumns(columns=table.primary_key, name=name)) + state
        for key in [*table.unique_keys, *table.composite_keys[1 if surrogate else 0 :]]:
            yield self._key("UNIQUE", key) + self._state(table, key.columns)

    def _key(self, kind: str, key: KeyColumns) -> str:
        return f"{self._constraint(key.name)}{kind} ({self._names(key.columns)})"

    def _foreign_keys(self, table: Table) -> Iterator[ForeignKey]:
        for column in table.columns:
            if (single := column.foreign_key) and not single.inferred:
                properties = {name: value for name, value in single.properties.items() if name != "name"}
                yield ForeignKey(
                    name=single.properties.get("name", ""),
                    columns=[column.name],
                    references_table=single.references_table,
                    references_columns=[single.references_column],
                    properties=properties,
                )
        yield from (key for key in table.foreign_keys if not key.inferred)

    def _foreign_key(self, key: ForeignKey) -> str:
        parent = self._tables[key.references_table]
        text = (
            f"{self._constraint(key.name)}FOREIGN KEY ({self._names(key.columns)}) "
            f"REFERENCES {self._qualified(parent)} ({self._names(key.references_columns)})"
        )
        words = {"match": "MATCH", "on_delete": "ON DELETE", "on_update": "ON UPDATE"}
        text += "".join(f" {word} {key.properties[name]}" for name, word in words.items() if name in key.properties)
        return f"{text} {key.properties['state']}" if "state" in key.properties else text

    def _tail(self, table: Table) -> Iterator[str]:
        properties = table.properties
        if "diststyle" in properties:
            yield f"DISTSTYLE {properties['diststyle']}"
        if "distkey" in properties:
            yield f"DISTKEY ({properties['distkey']})"
        if sortkey := properties.get("sortkey"):
            style = f"{properties['sortkey_style']} " if "sortkey_style" in properties else ""
            yield f"{style}SORTKEY " + (sortkey if sortkey in {"AUTO", "NONE"} else f"({sortkey})")
        if "encode" in properties:
            yield f"ENCODE {properties['encode']}"
        if "backup" in properties:
            yield f"BACKUP {properties['backup']}"
        if "cluster_by" in properties:
            yield f"CLUSTER BY {properties['cluster_by']}"
        for name, value in properties.items():
            if name not in _NOT_OPTIONS and not name.startswith(KEY_STATE):
                yield f"{name.upper()} = {value}"
        if "copy_grants" in properties:
            yield "COPY GRANTS"
        yield from (properties[name] for name in WHOLE_CLAUSES if name in properties)

    def _qualified(self, table: Table) -> str:
        name = table.properties.get("source_name", table.name)
        parts = (table.properties.get("database", ""), table.schema_name, name)
        return ".".join(self._name(part) for part in parts if part)

    def _constraint(self, name: str) -> str:
        return f"CONSTRAINT {self._name(name)} " if name else ""

    def _names(self, names: list[str]) -> str:
        return ", ".join(map(self._name, names))

    def _collation(self, name: str) -> str:
        return name if name.replace("_", "").isalnum() else self._string(name)

    def _string(self, text: str) -> str:
        escaped = text.replace("\\", "\\\\") if self._dialect is Dialect.SNOWFLAKE else text
        return "'" + escaped.replace("'", "''") + "'"

    def _name(self, name: str) -> str:
        return identifier(name, self._dialect)


def _written_type(column: Column) -> str:
    if column.varchar_length and "(" not in column.data_type:
        return f"{column.data_type}({column.varchar_length})"
    return column.data_type
