"""CREATE TABLE as the user's DDL had it: distribution, sort keys, encodings and backup; keys, which inform the planner.

Properties are texts that a document may have from anywhere: each is read into names and words that are known, or
refused. IDENTITY and DEFAULT are left out, for every value comes from a staged file.
"""

import re
from collections.abc import Iterator, Mapping

from loader_svc.core.document import Column, Table
from loader_svc.core.faults import SchemaMismatch
from loader_svc.core.naming import quoted
from loader_svc.warehouses.postgres_names import column_identifier, columns_sql
from loader_svc.warehouses.redshift_types import copied_type, declared_type

ENCODINGS = frozenset(
    {
        *("az64", "bytedict", "delta", "delta32k", "lzo", "mostly8", "mostly16", "mostly32"),
        *("raw", "runlength", "text255", "text32k", "zstd"),
    }
)
COLLATIONS = frozenset({"CASE_SENSITIVE", "CASE_INSENSITIVE", "CS", "CI"})
STYLES = frozenset({"AUTO", "EVEN", "KEY", "ALL"})
SORT_STYLES = frozenset({"COMPOUND", "INTERLEAVED"})
NAME = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^\s",]+))\s*(?:,|$)')


def create_table(name: str, table: Table, dialect: str) -> str:
    """SQL of the table that becomes the target as it is."""
    encoded = any("encode" in (column.properties or {}) for column in table.columns)
    items = [*(_column(table, column, dialect) for column in table.columns), *_keys(table)]
    attributes = " ".join(_attributes(table, encoded=encoded))
    return f"CREATE TABLE IF NOT EXISTS {quoted(name)} ({', '.join(items)}) {attributes}".rstrip()


def create_copied(name: str, table: Table, dialect: str) -> str:
    """SQL of a table for what COPY reads, where a column is to be parsed afterwards."""
    columns = (
        f"{quoted(c.target)} {copied_type(table.name, c, dialect)}{' NOT NULL' if c.required else ''}"
        for c in table.columns
    )
    return f"CREATE TABLE IF NOT EXISTS {quoted(name)} ({', '.join(columns)}) BACKUP NO DISTSTYLE EVEN"


def _column(table: Table, column: Column, dialect: str) -> str:
    """Declare a column; NOT NULL is enforced by Redshift, keys are not."""
    facts = column.properties or {}
    parts = [quoted(column.target), declared_type(table.name, column, dialect)]
    if collation := facts.get("collate", "").upper():
        parts.append(f"COLLATE {_known(table, 'collate', collation, COLLATIONS)}")
    if encoding := facts.get("encode", "").lower():
        parts.append(f"ENCODE {_known(table, 'encode', encoding, ENCODINGS)}")
    return " ".join([*parts, *(["NOT NULL"] if column.required else [])])


def _keys(table: Table) -> Iterator[str]:
    names = {column.name for column in table.columns}
    for key in dict.fromkeys((table.primary_key, *table.unique_keys)):
        if key and names.issuperset(key):
            yield f"{'PRIMARY KEY' if key == table.primary_key else 'UNIQUE'} ({columns_sql(key)})"


def _attributes(table: Table, *, encoded: bool) -> Iterator[str]:
    facts: Mapping[str, str] = table.properties or {}
    if backup := facts.get("backup", "").upper():
        yield f"BACKUP {_known(table, 'backup', backup, frozenset({'YES', 'NO'}))}"
    if style := facts.get("diststyle", "").upper():
        yield f"DISTSTYLE {_known(table, 'diststyle', style, STYLES)}"
    if key := facts.get("distkey", ""):
        yield f"DISTKEY ({_columns(table, 'distkey', key)})"
    if sort := facts.get("sortkey", ""):
        yield _sort_key(table, facts.get("sortkey_style", "").upper(), sort)
    if facts.get("encode", "").upper() == "AUTO" and not encoded:
        yield "ENCODE AUTO"


def _sort_key(table: Table, style: str, sort: str) -> str:
    if sort.upper() == "AUTO":
        return "SORTKEY AUTO"
    kind = f"{_known(table, 'sortkey_style', style, SORT_STYLES)} " if style else ""
    return f"{kind}SORTKEY ({_columns(table, 'sortkey', sort)})"


def _columns(table: Table, name: str, value: str) -> str:
    """Quoted names of columns that a property lists; Redshift folds names, quoted or not."""
    found = [(match[1] or match[2]).replace('""', '"') for match in NAME.finditer(value)]
    known = {column_identifier(column.name) for column in table.columns}
    wanted = [column_identifier(item) for item in found]
    if not wanted or "".join(match[0] for match in NAME.finditer(value)) != value or not known.issuperset(wanted):
        raise _refused(table, name, value)
    return ", ".join(map(quoted, wanted))


def _known(table: Table, name: str, value: str, words: frozenset[str]) -> str:
    if value not in words:
        raise _refused(table, name, value)
    return value


def _refused(table: Table, name: str, value: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"table {table.name!r} has {name} {value[:60]!r}, which Redshift does not know",
        hint="name columns of the table, and Redshift's own words, in its properties",
        metadata={"table": table.name},
    )
