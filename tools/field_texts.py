"""Write what the contract says of the document's fields where the JSON Schema finds it; with --check, compare.

The comments of the protos are the one text; `schema_svc/core` knows no stubs and cannot read them itself.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

MODULE = Path("schema_svc/core/field_texts.py")
FILES = ("dwsim/schema/v1/experiment.proto", "dwsim/schema/v1/rule.proto", "dwsim/common/v1/logical_type.proto")
LINE = 120
HEAD = '''"""What the contract says of messages and their fields. Written by `make protos`; edit the protos instead."""

FIELD_TEXTS: dict[str, dict[str, str]] = {
'''


def main() -> int:
    """Generate, then write or compare."""
    built = subprocess.run(["buf", "build", "-o", "-"], check=True, stdout=subprocess.PIPE).stdout
    lines = []
    for file in FileDescriptorSet.FromString(built).file:
        if file.name in FILES:
            lines += [entry for name, texts in messages(file) for entry in entry_lines(name, texts)]
    text = subprocess.run(
        ["ruff", "format", "--stdin-filename", str(MODULE), "-"],
        check=True, input=HEAD + "\n".join(lines) + "\n}\n", stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    if "--check" not in sys.argv:
        MODULE.write_text(text)
    elif not MODULE.exists() or MODULE.read_text() != text:
        print(f"{MODULE} is not what the protos say; run `make protos`")
        return 1
    return 0


def entry_lines(name: str, texts: dict[str, str]) -> Iterator[str]:
    """Source lines of one message."""
    yield f"    {name!r}: {{"
    for field, text in texts.items():
        line = f"        {field!r}: {text!r},"
        yield line + "  # noqa: E501" * (len(line) > LINE)
    yield "    },"


def messages(file: FileDescriptorProto) -> Iterator[tuple[str, dict[str, str]]]:
    """Every message with its own text under the empty name, and those of its fields."""
    comments = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
    for place, message in enumerate(file.message_type):
        yield from texts_of(message, (4, place), message.name, comments)


def texts_of(
    message: DescriptorProto, path: tuple[int, ...], name: str, comments: dict[tuple[int, ...], str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """A message and those within it; numbers are the field numbers of descriptor.proto."""
    texts = {"": plain(comments.get(path, ""))}
    for place, field in enumerate(message.field):
        texts[field.name] = plain(comments.get((*path, 2, place), ""))
    yield name, texts
    for place, inner in enumerate(message.nested_type):
        if not inner.options.map_entry:
            yield from texts_of(inner, (*path, 3, place), f"{name}.{inner.name}", comments)


def plain(comment: str) -> str:
    """A comment in one line."""
    return " ".join(comment.split())


if __name__ == "__main__":
    sys.exit(main())
