"""Column definitions of the written dialect."""

from collections.abc import Iterator

from schema_svc.core.model import Column, Table
from schema_svc.core.properties import INFERRED_UNIQUE
from schema_svc.core.type_names import SERIAL_NAMES
from schema_svc.core.vocabulary import Dialect, TypeKind
from schema_svc.core.write_ddl.account import Account
from schema_svc.core.write_ddl.expressions import Translation, Untranslatable
from schema_svc.core.write_ddl.grammar import Where
from schema_svc.core.write_ddl.naming import Naming
from schema_svc.core.write_ddl.properties import key_state
from schema_svc.core.write_ddl.types import written_type

_WRITTEN_APART = frozenset({"comment", INFERRED_UNIQUE[0]})
_OWN_CLAUSES = {
    "encode": "ENCODE {}",
    "storage": "{}",
    "compression": "{}",
    "character": "{}",
    "masking_policy": "{}",
    "projection_policy": "{}",
    "tag": "{}",
}
"""Column properties of the warehouses, behind NOT NULL and UNIQUE; their text is the dialect's own."""
_NEVER_NULLABLE = frozenset({TypeKind.ARRAY, TypeKind.VECTOR})


class Columns:
    """Writes the columns of one experiment."""

    def __init__(self, own: Dialect, written: Dialect, naming: Naming, translation: Translation, account: Account):
        self._at_home = own is written
        self._own, self._written = own, written
        self._naming, self._translation, self._account = naming, translation, account

    def column(self, column: Column, table: Table, path: str, *, unique: bool) -> str:
        """Write one column definition; `unique` says that it has a key of its own, said here."""
        clauses = self._home_clauses(column, path) if self._at_home else self._clauses(column, path)
        parts = [self._naming.name(column.name), self._type(column, table, path), *clauses]
        parts += ["NOT NULL"] * (column.required and not self._naming.grammar.nullable)
        parts += self._unique(column, table, path) if unique else []
        parts += self._home_tail(column) if self._at_home else self._comment(column)
        if self._naming.changes(column.name):
            self._account.renamed(f"{path}.name", column.name)
        return " ".join(parts)

    def _type(self, column: Column, table: Table, path: str) -> str:
        text, loses = written_type(column, self._own, self._written)
        if loses:
            self._account.changed(f"{path}.data_type", column.data_type, text, loses)
        wrap = self._naming.grammar.nullable
        if not wrap or column.required or column.name in table.primary_key:
            return text
        if column.logical_type and column.logical_type.kind in _NEVER_NULLABLE:
            self._account.dropped(f"{path}.required", f"arrays that are NULL; those of {column.name} are empty")
            return text
        return wrap.format(type=text)

    def _unique(self, column: Column, table: Table, path: str) -> list[str]:
        if self._naming.grammar.unique or self._at_home:
            return ["".join(("UNIQUE", *(key_state(table, [column.name]) if self._at_home else ())))]
        self._account.dropped(f"{path}.is_unique", f"UNIQUE, which {column.name} has")
        return []

    def _home_clauses(self, column: Column, path: str) -> Iterator[str]:
        properties = column.properties
        if "default" in properties:
            yield f"DEFAULT {properties['default']}"
        yield from (properties[name] for name in ("identity", "computed") if name in properties)
        known = {"default", "identity", "computed", "collate", *_OWN_CLAUSES, *_WRITTEN_APART}
        for name in properties.keys() - known:
            self._account.unsaid(f"{path}.properties.{name}", f"{name} is {properties[name][:60]}")

    def _home_tail(self, column: Column) -> Iterator[str]:
        properties = column.properties
        for name, clause in _OWN_CLAUSES.items():
            if name in properties:
                yield clause.format(properties[name])
            if name == "encode" and "collate" in properties:
                yield f"COLLATE {self._collation(properties['collate'])}"

    def _collation(self, name: str) -> str:
        as_written = '"' in name or name.replace("_", "").replace(".", "").isalnum()
        return name if as_written else self._naming.string(name)

    def _clauses(self, column: Column, path: str) -> Iterator[str]:
        """Clauses for another dialect."""
        counts = "identity" in column.properties or column.source_type.upper() in SERIAL_NAMES
        if counts:
            yield from self._identity(column, path)
        if "default" in column.properties and not counts:
            yield from self._default(column, path)
        for name, value in column.properties.items():
            if name not in {"default", "identity", *_WRITTEN_APART}:
                self._account.dropped(f"{path}.properties.{name}", f"{name}; {column.name} has {value[:60]}")

    def _identity(self, column: Column, path: str) -> Iterator[str]:
        grammar = self._naming.grammar
        text = written_type(column, self._own, self._written).text
        if not grammar.identity or (grammar.identity_types and text not in grammar.identity_types):
            what = f"IDENTITY of {text}" if grammar.identity else "IDENTITY"
            self._account.dropped(f"{path}.properties.identity", f"{what}; {column.name} is written without it")
            return
        sequence = column.rule.sequence if column.rule else None
        start = sequence.start if sequence and sequence.start is not None else 1
        step = sequence.step if sequence and sequence.step is not None else 1
        yield grammar.identity.format(start=start, step=step, bound=bound_of(start, step))

    def _default(self, column: Column, path: str) -> Iterator[str]:
        text = column.properties["default"]
        try:
            yield f"DEFAULT {self._translation.default(text)}"
        except Untranslatable as why:
            self._account.untranslated(f"{path}.properties.default", f"DEFAULT {text[:60]}", str(why))

    def _comment(self, column: Column) -> Iterator[str]:
        if self._naming.grammar.comments is Where.INLINE and "comment" in column.properties:
            yield f"COMMENT {self._naming.string(column.properties['comment'])}"


def bound_of(start: int, step: int) -> str:
    """What PostgreSQL wants to hear of a sequence that begins outside of the range that it assumes, 1 or -1 on."""
    if step > 0 and start < 1:
        return f" MINVALUE {start}"
    if step < 0 and start > -1:
        return f" MAXVALUE {start}"
    return ""
