"""Names as the written dialect takes them.

In the experiment's own dialect a name comes back as it is. In another one, a name that needed no quotes at home is
written without them (each warehouse folds it as it folds all names); one that needed them keeps them.
"""

import re
from collections import Counter
from collections.abc import Mapping

from schema_svc.core.model import Experiment, Table
from schema_svc.core.names import RESERVED_WORDS, fold, identifier
from schema_svc.core.vocabulary import Dialect
from schema_svc.core.write_ddl.grammar import FURTHER_RESERVED_WORDS, GRAMMARS

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Naming:
    """Writes the names of an experiment in dialect `written`."""

    def __init__(self, experiment: Experiment, written: Dialect) -> None:
        self.own = experiment.dialect
        self.bare_names = _bare_names(experiment)
        self._within = Counter((table.schema_name, self.bare_names[table.name]) for table in experiment.tables)
        self._written = written
        self.grammar = GRAMMARS[written]

    def name(self, name: str) -> str:
        """Write one name."""
        if self.own is self._written:
            bare = name.upper() not in FURTHER_RESERVED_WORDS
            return identifier(name, self._written) if bare else self.quoted(name)
        return self.quoted(name) if self.needs_quotes(name) else name

    def names(self, names: list[str]) -> str:
        """Write a list of names."""
        return ", ".join(map(self.name, names))

    def schema(self, table: Table) -> str:
        """Schema that a table's name is qualified with; empty where the dialect has no schemas."""
        return table.schema_name if self.grammar.create_schema else ""

    def within_schema(self, table: Table) -> str:
        """Name of a table within its schema.

        It is the one of the document where there are no schemas, or where databases are needed to tell tables apart.
        """
        bare = self.bare_names[table.name]
        alone = self._within[table.schema_name, bare] == 1 or self.own is self._written
        return bare if self.schema(table) and alone else table.name

    def table(self, table: Table) -> str:
        """Write a table's name with its schema."""
        database = table.properties.get("database", "") if self.own is self._written else ""
        parts = (database, self.schema(table), self.within_schema(table))
        return ".".join(self.name(part) for part in parts if part)

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
        return "'" + escaped.replace("'", self.grammar.inner_quote) + "'"


def _bare_names(experiment: Experiment) -> Mapping[str, str]:
    """Names of the tables within their schemas; the importer puts the schema before a name that several have."""
    stripped = {table.name: table.name.removeprefix(f"{table.schema_name}_") for table in experiment.tables}
    counts: dict[str, int] = {}
    for table in experiment.tables:
        for name in {table.name, stripped[table.name]} if table.schema_name else {table.name}:
            counts[name] = counts.get(name, 0) + 1
    said = {table.name: table.properties.get("source_name", "") for table in experiment.tables}
    return {name: said[name] or (bare if counts.get(bare, 0) > 1 else name) for name, bare in stripped.items()}
