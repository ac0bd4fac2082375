"""Staging URIs: where the generator writes files and the loader finds them."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from dwsim_wire.fault import InvalidArgument, NotYetAvailable

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")

NAMES = "surrogateescape"
"""How Python writes names of files that are no UTF-8; in a URI they are their bytes."""


@dataclass(frozen=True)
class StagingRoot:
    """A folder of staged files, by its absolute path: of this machine, or in a bucket of an S3 server if one is named.

    A URI never has credentials or an endpoint: those are settings of whoever opens it.
    """

    path: Path
    bucket: str = ""

    @classmethod
    def parse(cls, uri: str) -> "StagingRoot":
        """Read `s3://bucket/…`, `file:///…` or an absolute path."""
        parts = urlsplit(uri)
        if parts.scheme == "s3":
            return _in_bucket(uri, parts)
        if parts.scheme in {"gs", "az"}:
            raise NotYetAvailable(
                f"staging in {parts.scheme}:// is not served yet", hint="use s3://…, a directory or a file:/// URI"
            )
        path = Path(unquote(parts.path, errors=NAMES)) if parts.scheme == "file" else Path(uri)
        if parts.scheme not in {"", "file"} or parts.netloc not in {"", "localhost"} or not path.is_absolute():
            shown = f"{parts.scheme}://…" if "@" in parts.netloc else uri  # the text may hold a secret
            raise InvalidArgument(f"staging URI {shown!r} is neither an absolute path nor file:///… nor s3://bucket/…")
        return cls(path)

    @property
    def key(self) -> str:
        """Key of the folder or file in its bucket."""
        return str(self.path).lstrip("/")

    @property
    def resolved(self) -> "StagingRoot":
        """The same place under its one name, without `..` and symbolic links; compare places by this."""
        if self.bucket:
            return self
        try:
            return StagingRoot(self.path.resolve())
        except (OSError, RuntimeError, ValueError):
            return self  # no place at all: whoever uses it says so

    @property
    def uri(self) -> str:
        """The folder as `file:///…` or `s3://bucket/…`."""
        return (f"s3://{self.bucket}" if self.bucket else "file://") + quote(str(self.path), errors=NAMES)

    def child(self, *names: str) -> "StagingRoot":
        """The folder or file below, by single path segments."""
        for name in names:
            if not name or "/" in name or "\0" in name or name in {".", ".."}:
                raise InvalidArgument(f"{name!r} cannot be part of a staging path")
        return StagingRoot(self.path.joinpath(*names), self.bucket)

    def is_inside(self, other: "StagingRoot") -> bool:
        """Whether this is `other`, or below it."""
        here, there = self.resolved, other.resolved
        return here.bucket == there.bucket and here.path.is_relative_to(there.path)


def _in_bucket(uri: str, parts: SplitResult) -> StagingRoot:
    if "@" in parts.netloc or parts.query or parts.fragment:
        # the text may hold a secret: it is not repeated
        raise InvalidArgument(
            "an s3:// URI has a bucket and a path, nothing else",
            hint="credentials and endpoint come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL;"
            " write %3F for ? and %23 for # in a name",
        )
    path = Path("/" + unquote(parts.path).lstrip("/"))
    if not _BUCKET.fullmatch(parts.netloc) or ".." in path.parts or "\0" in str(path):
        raise InvalidArgument(f"staging URI {uri!r} does not name a bucket and a path in it", hint="s3://bucket/prefix")
    return StagingRoot(path, parts.netloc)
