"""The staging area as buckets, for UNLOAD and COPY: files come whole, and no place leads out of it."""

from pathlib import Path

from dwsim_wire.staging import StagingRoot
from query_svc.staging.area import Area, Found
from query_svc.staging.bucket import BucketArea
from query_svc.staging.directory import DirectoryArea


def area_of(root: StagingRoot, spool: Path) -> Area:
    """The area of a root of staged files; `spool` is a directory for files in the making, where the area has none."""
    return BucketArea(root, spool) if root.bucket else DirectoryArea(root.path)


__all__ = ["Area", "Found", "area_of"]
