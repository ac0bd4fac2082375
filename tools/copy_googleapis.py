"""Copy the google/api and google/rpc protos out of the googleapis-common-protos wheel, for buf to import."""

import shutil
import sys
from pathlib import Path

import google.api
import google.rpc


def main() -> None:
    """Copy the .proto files into the folder that the only argument names."""
    target = Path(sys.argv[1])
    for package in (google.api, google.rpc):
        source = Path(package.__path__[0])
        for proto in source.rglob("*.proto"):
            copy = target / "google" / source.name / proto.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(proto, copy)


if __name__ == "__main__":
    main()
