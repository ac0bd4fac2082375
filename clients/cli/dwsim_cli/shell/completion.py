"""What Tab offers: tables behind FROM and JOIN, columns of the statement's tables, keywords, commands."""

import re
from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from dwsim_cli.shell.catalog import Catalog
from dwsim_cli.shell.commands import COMMANDS

_KEYWORDS = """
SELECT DISTINCT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET JOIN LEFT RIGHT FULL INNER CROSS ON USING AS AND
OR NOT IN EXISTS BETWEEN LIKE ILIKE IS NULL TRUE FALSE CASE WHEN THEN ELSE END CAST UNION ALL INTERSECT EXCEPT
WITH RECURSIVE OVER PARTITION ROWS QUALIFY ASC DESC NULLS FIRST LAST COUNT SUM AVG MIN MAX COALESCE EXPLAIN
"""
KEYWORDS = tuple(_KEYWORDS.split())
_WORD = re.compile(r'[\w"]*$')
_OWNER = re.compile(r'([\w"]+)\.[\w"]*$')
_BEFORE_TABLE = re.compile(r'\b(?:from|join|\\d)\s+[\w"]*$', re.IGNORECASE)
_SOURCE = re.compile(r'\b(?:from|join)\s+([\w".]+)(?:\s+(?:as\s+)?(\w+))?', re.IGNORECASE)


class NameCompleter(Completer):
    """Completes the word before the cursor, without regard to case."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Offer nothing: names are asked for, which takes its time."""
        del document, complete_event
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """Offer the names that begin with the word."""
        del complete_event
        before = document.text_before_cursor
        if before.startswith("\\") and " " not in before:
            for command in COMMANDS:
                if command.startswith(before):
                    yield Completion(command, -len(before))
            return
        found = _WORD.search(before)
        word = found[0] if found else ""
        for name in await self._names(before, document.text):
            if name.lower().startswith(word.strip('"').lower()):
                yield Completion(name, -len(word))

    async def _names(self, before: str, statement: str) -> list[str]:
        tables = await self.catalog.tables()
        if owner := _OWNER.search(before):
            sources: dict[str, str] = {(alias or table).lower(): table for table, alias in _SOURCE.findall(statement)}
            return await self.catalog.columns(sources.get(owner[1].lower(), str(owner[1])))
        if _BEFORE_TABLE.search(before):
            return tables
        columns = [name for table, _ in _SOURCE.findall(statement) for name in await self.catalog.columns(table)]
        return list(dict.fromkeys([*columns, *tables, *KEYWORDS]))
