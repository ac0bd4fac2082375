"""Names in Snowflake: upper case, as it folds what is not quoted, so that users need no quotes either."""

import hashlib
from collections.abc import Iterable

from loader_svc.core import naming
from loader_svc.core.document import Table
from loader_svc.core.naming import quoted

LONGEST = 255
HASH_DIGITS = 8


def identifier(name: str) -> str:
    """Name in the target of a table or column; one that is too long gets a hash suffix."""
    folded = name.upper()
    if len(folded) <= LONGEST:
        return folded
    digest = hashlib.blake2s(folded.encode()).hexdigest()[:HASH_DIGITS].upper()
    return f"{folded[: LONGEST - HASH_DIGITS - 1]}_{digest}"


def staging_table(uid: str, place: int) -> str:
    """Table that the rows of the load's table at `place` are copied to."""
    return naming.staging_table(uid, place).upper()


def made_table(uid: str, place: int) -> str:
    """Table that is made of a staging table whose columns are not those of the target yet."""
    return f"{staging_table(uid, place)}_MADE"


def trial_table(uid: str, place: int) -> str:
    """Table in which rows are tried that may be refused."""
    return f"{staging_table(uid, place)}_TRIAL"


def prefix(uid: str) -> str:
    """Beginning of the names of all that a load makes."""
    return staging_table(uid, 0)[:-1]


def stage(uid: str) -> str:
    """Internal stage of a load's files; a plain name, which needs no quotes."""
    return f"{prefix(uid)}FILES"


def external_stage(uid: str) -> str:
    """Stage of the load's files where they lie in a bucket."""
    return f"{prefix(uid)}BUCKET"


def with_targets(table: Table) -> Table:
    """Give every column its name in the target; refuse two that have the same."""
    return naming.with_targets(table, identifier, "Snowflake")


def columns_sql(names: Iterable[str]) -> str:
    """Quoted names in the target of columns, separated by commas."""
    return ", ".join(quoted(identifier(name)) for name in names)
