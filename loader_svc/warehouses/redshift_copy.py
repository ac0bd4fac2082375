"""COPY of staged files that are in S3: one statement for a group of files, which a manifest in the bucket names.

COPY from Parquet reads columns by position and takes no REGION: the bucket is in the cluster's region. Redshift reads
the files itself, so that their sizes are compared before and their rows after it, and their checksums are not.
"""

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from dwsim_wire.fault import Fault
from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.faults import StagedFileChanged, StagingOutOfReach
from loader_svc.core.loads import Batch
from loader_svc.core.naming import quoted
from loader_svc.warehouses.postgres_faults import KIND

FOLDER = "_loads"
"""Where manifests are in a run's folder, as long as their COPY lasts."""
DELETE_SECONDS = 2.0


@dataclass(frozen=True)
class CopyAccess:
    """By whose right Redshift reads the bucket: the keys if there are some, else the role."""

    iam_role: str = "default"
    key_id: SecretStr | None = None
    secret: SecretStr | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that nobody may read."""
        return tuple(secret.get_secret_value() for secret in (self.key_id, self.secret) if secret)

    def sql(self) -> str:
        """The clause of COPY."""
        if self.secrets:
            key_id, secret = map(literal, self.secrets)
            return f"ACCESS_KEY_ID {key_id} SECRET_ACCESS_KEY {secret}"
        return f"IAM_ROLE {'default' if self.iam_role == 'default' else literal(self.iam_role)}"


def literal(text: str) -> str:
    """A text as a constant; Redshift reads a backslash in it as the beginning of an escape."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def copy_sql(schema: str, staging: str, manifest: str, access: CopyAccess) -> str:
    """Append the rows of a manifest's files to a staging table, or fail as a whole."""
    return f"COPY {quoted(schema)}.{quoted(staging)} FROM {literal(manifest)} {access.sql()} FORMAT AS PARQUET MANIFEST"


def manifest_text(batches: Sequence[Batch]) -> str:
    """The files of a COPY, every one of which must be there in its size."""
    entries = [
        {"url": raw_uri(StagingRoot.parse(b.uri)), "mandatory": True, "meta": {"content_length": b.bytes}}
        for b in batches
    ]
    return json.dumps({"entries": entries}, ensure_ascii=False)


def raw_uri(place: StagingRoot) -> str:
    """An object's name as Redshift reads it: nothing is escaped."""
    return f"s3://{place.bucket}/{place.key}"


def check_files(batches: Sequence[Batch]) -> None:
    """Refuse files that Redshift cannot reach, and those that are gone or altered."""
    for batch in batches:
        place = StagingRoot.parse(batch.uri)
        if not place.bucket:
            raise StagingOutOfReach(
                "Redshift reads staged files from S3 alone, and the run's are in a directory",
                hint="generate again with the staging in a bucket: DW_SIMULATOR_STAGE_BUCKET, or --stage s3",
                metadata={"uri": batch.uri, "warehouse": KIND},
            )
        size = open_bucket(place.bucket).size(place)
        if size != batch.bytes:
            what = "is missing" if size is None else f"has {size} bytes, not {batch.bytes}"
            raise StagedFileChanged(
                f"the staged file of batch {batch.index} of table {batch.table!r} {what}",
                hint="generate the run again",
                metadata={"uri": batch.uri},
            )


@contextlib.contextmanager
def manifest(batches: Sequence[Batch], name: str) -> Iterator[str]:
    """Put a manifest beside the run's tables for the length of a COPY; answer its URI."""
    first = StagingRoot.parse(batches[0].uri)
    folder = StagingRoot(Path(*first.path.parts[:-2]), first.bucket)
    place = folder.child(FOLDER, f"{name}.manifest")
    open_bucket(place.bucket).put(place, memoryview(manifest_text(batches).encode()))
    try:
        yield raw_uri(place)
    finally:
        with contextlib.suppress(Fault):  # it lies in the run's folder and goes with it
            open_bucket(place.bucket).delete([place], DELETE_SECONDS)
