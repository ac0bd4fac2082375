"""Staging URIs: where the generator writes files and the loader finds them."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from dwsim_wire.fault import InvalidArgument, NotYetAvailable


@dataclass(frozen=True)
class StagingRoot:
    """A folder of staged files, by its absolute path."""

    path: Path

    @classmethod
    def parse(cls, uri: str) -> "StagingRoot":
        """Read `file:///…` or an absolute path."""
        parts = urlsplit(uri)
        if parts.scheme in {"s3", "gs", "az"}:
            raise NotYetAvailable(
                f"staging in {parts.scheme}:// is not served yet", hint="use a directory or a file:/// URI"
            )
        path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(uri)
        if parts.scheme not in {"", "file"} or parts.netloc not in {"", "localhost"} or not path.is_absolute():
            raise InvalidArgument(f"staging URI {uri!r} is neither an absolute path nor file:///…")
        return cls(path)

    @property
    def resolved(self) -> "StagingRoot":
        """The same place under its one name, without `..` and symbolic links; compare places by this."""
        try:
            return StagingRoot(self.path.resolve())
        except (OSError, RuntimeError, ValueError):
            return self  # no place at all: whoever uses it says so

    @property
    def uri(self) -> str:
        """The folder as `file:///…`."""
        return "file://" + quote(str(self.path))

    def child(self, *names: str) -> "StagingRoot":
        """The folder or file below, by single path segments."""
        for name in names:
            if not name or "/" in name or "\0" in name or name in {".", ".."}:
                raise InvalidArgument(f"{name!r} cannot be part of a staging path")
        return StagingRoot(self.path.joinpath(*names))
