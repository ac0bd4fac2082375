"""Places in buckets: what a user calls `s3://bucket/prefix`, and nothing that leads out of it."""

import re
from dataclasses import dataclass, replace

from query_svc.core.faults import InvalidSql

LONGEST_KEY = 700
_URI = re.compile(r"s3://([A-Za-z0-9][A-Za-z0-9._-]{0,62})(?:/(.*))?", re.DOTALL)
_ODD = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(frozen=True)
class S3Place:
    """A key in a bucket, or the beginning of keys."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> "S3Place":
        """Read `s3://bucket/key`; a key is taken as it is written."""
        found = _URI.fullmatch(uri)
        key = (found[2] or "") if found else ""
        segments = key.split("/")
        if (
            found is None
            or ".." in found[1]
            or any(segment in ("", ".", "..") for segment in segments[:-1])
            or segments[-1] in (".", "..")
            or _ODD.search(key)
            or len(key.encode()) > LONGEST_KEY
        ):
            raise InvalidSql(f"{uri[:200]!r} is no place in a bucket", hint="write 's3://bucket/prefix'")
        return cls(found[1], key)

    @property
    def uri(self) -> str:
        """The place as users write it."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def folder(self) -> str:
        """Keys up to the last `/`."""
        return self.key[: self.key.rfind("/") + 1]

    def at(self, key: str) -> "S3Place":
        """Another key of the bucket."""
        return replace(self, key=key)
