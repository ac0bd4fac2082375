"""Names as the written dialect takes them.

In the experiment's own dialect a name comes back as it is. In another one, a name that needed no quotes at home is
written without them (each warehouse folds it as it folds all names); one that needed them keeps them.
"""

import re

from schema_svc.core.model import Table
from schema_svc.core.names import RESERVED_WORDS, fold, identifier
from schema_svc.core.vocabulary import Dialect
from schema_svc.core.write_ddl.grammar import FURTHER_RESERVED_WORDS, GRAMMARS

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Naming:
    """Writes the names of an experiment of dialect `own` in dialect `written`."""

    def __init__(self, own: Dialect, written: Dialect) -> None:
        self.own = own
        self._written = written
        self.grammar = GRAMMARS[written]

    def name(self, name: str) -> str:
        """Write one name."""
        if self.own is self._written:
            return identifier(name, self._written)
        return self.quoted(name) if self.needs_quotes(name) else name

    def names(self, names: list[str]) -> str:
        """Write a list of names."""
        return ", ".join(map(self.name, names))

    def table(self, table: Table, bare_name: str) -> str:
        """Write a table's name with its schema, where the dialect has schemas."""
        schema = table.schema_name if self.grammar.create_schema else ""
        return f"{self.name(schema)}.{self.name(bare_name)}" if schema else self.name(bare_name)

    def quoted(self, name: str) -> str:
        """Write a name in quotes."""
        quote = self.grammar.quote
        return quote + name.replace(quote, quote * 2) + quote

    def needs_quotes(self, name: str) -> bool:
        """True where the name cannot stand bare."""
        word = name.upper()
        if not _PLAIN.fullmatch(name) or word in RESERVED_WORDS or word in FURTHER_RESERVED_WORDS:
            return True
        if self.own is Dialect.NAME_UNSPECIFIED:
            return name not in {name.lower(), word}
        return fold(name, self.own, quoted=False) != name

    def changes(self, name: str) -> bool:
        """True where Redshift folds the case of a quoted name too."""
        return self._written is Dialect.REDSHIFT and self.needs_quotes(name) and name != name.lower()

    def string(self, text: str) -> str:
        """Write a string."""
        escaped = text.replace("\\", "\\\\") if self.grammar.backslashes else text
        return "'" + escaped.replace("'", "''") + "'"
