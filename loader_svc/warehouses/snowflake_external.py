"""COPY of staged files where they lie in S3, by an external stage whose right is a storage integration of the account.

Snowflake reads the files itself, so that their sizes are compared before and their rows after it, and their checksums
are not. What it would not read as it is, is uploaded: files that others wrote, nested values, names that are cut. Its
vectorized scanner is asked for, as the generator writes delta and split encodings.
"""

from collections.abc import Sequence

from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.document import Table
from loader_svc.core.loads import Batch
from loader_svc.warehouses.snowflake_names import external_stage
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.staged_content import changed

NESTED = frozenset({"ARRAY", "VECTOR"})


def is_readable(batches: Sequence[Batch], table: Table) -> bool:
    """Whether Snowflake can read these files as they are: all in one folder of a bucket, written by a generator."""
    folders = {(place.bucket, place.path.parent) for place in (StagingRoot.parse(batch.uri) for batch in batches)}
    plain = all(c.target == c.name.upper() and c.logical_type.kind not in NESTED for c in table.columns)
    return (
        plain and len(folders) == 1 and all(bucket for bucket, _ in folders) and not any(_foreign(b) for b in batches)
    )


def _foreign(batch: Batch) -> bool:
    return batch.conform_to is not None


def prepare(session: Session, uid: str, integration: str, batches: Sequence[Batch]) -> None:
    """Refuse files that are gone or altered; let the load's external stage be their folder."""
    for batch in batches:
        place = StagingRoot.parse(batch.uri)
        size = open_bucket(place.bucket).size(place)
        if size != batch.bytes:
            raise changed(batch, "is missing" if size is None else f"has {size} bytes, not {batch.bytes}")
    folder = StagingRoot(place.path.parent, place.bucket)
    url = _literal(f"s3://{folder.bucket}/{folder.key}/")
    session.run(f"CREATE OR REPLACE STAGE {external_stage(uid)} URL = {url} STORAGE_INTEGRATION = {integration}")


def source(uid: str, batches: Sequence[Batch]) -> str:
    """The files, as COPY names them."""
    names = ", ".join(_literal(StagingRoot.parse(batch.uri).path.name) for batch in batches)
    return f"@{external_stage(uid)}/ FILES = ({names})"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
