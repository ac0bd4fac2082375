"""Names in PostgreSQL: lower case, as Redshift folds them, and never cut silently.

PostgreSQL cuts a name after 63 bytes, and two names that begin alike would be one; a longer name gets a hash suffix,
and the catalog keeps the original.
"""

import hashlib
from collections.abc import Iterable

from loader_svc.core import naming
from loader_svc.core.document import Table
from loader_svc.core.naming import quoted

LONGEST_BYTES = 63
HASH_DIGITS = 8
SYSTEM_COLUMNS = frozenset({"cmax", "cmin", "ctid", "deletexid", "insertxid", "oid", "tableoid", "xmax", "xmin"})


def identifier(name: str) -> str:
    """Name in the target of a table or column."""
    folded = name.lower()
    content = folded.encode()
    if len(content) <= LONGEST_BYTES:
        return folded
    digest = hashlib.blake2s(content).hexdigest()[:HASH_DIGITS]
    return content[: LONGEST_BYTES - HASH_DIGITS - 1].decode(errors="ignore") + "_" + digest


def column_identifier(name: str) -> str:
    """Name in the target of a column; every table has some columns of PostgreSQL's own."""
    found = identifier(name)
    return f"{found}_" if found in SYSTEM_COLUMNS else found


def with_targets(table: Table) -> Table:
    """Give every column its name in the target; refuse two that have the same."""
    return naming.with_targets(table, column_identifier, "Redshift")


def columns_sql(names: Iterable[str]) -> str:
    """Quoted names in the target of columns, separated by commas."""
    return ", ".join(quoted(column_identifier(name)) for name in names)
