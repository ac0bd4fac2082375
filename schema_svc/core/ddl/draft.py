"""What one statement says, before names are resolved across statements."""

from dataclasses import dataclass, field

from schema_svc.core.model import Column, KeyColumns


@dataclass
class Reference:
    """A foreign key as written."""

    columns: list[str]
    schema: str
    table: str
    references_columns: list[str]
    offset: int
    name: str = ""
    properties: dict[str, str] = field(default_factory=dict)


@dataclass
class TableKeys:
    """The constraints of a table, wherever they were written."""

    primary_key: list[str] = field(default_factory=list)
    primary_key_name: str = ""
    unique_keys: list[KeyColumns] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)


@dataclass
class TableDraft:
    """A table as its statements have it so far."""

    schema: str
    name: str
    offset: int
    columns: list[Column] = field(default_factory=list)
    keys: TableKeys = field(default_factory=TableKeys)
    properties: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    replaces: bool = False
    if_missing: bool = False

    @property
    def shown(self) -> str:
        """The name as a user would write it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name
