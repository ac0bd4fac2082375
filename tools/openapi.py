"""Write the OpenAPI document of the REST paths; with --check, fail where the committed one differs.

grpc-gateway's protoc-gen-openapiv3 makes the documents, its openapiv3-merge makes them one. Ours are the title and two
corrections: field names as the gateway prints them (snake_case), and what streams and files are sent as.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorSet, MethodDescriptorProto

DOCUMENT = Path("gateway/docs/openapi.json")
INFO = {
    "title": "DW Simulator",
    "version": "v1",
    "description": (
        "Schemas, generation, loading and queries over REST. The same calls work with gRPC and gRPC-web on the same "
        "port. A failed call answers google.rpc.Status; its details carry the reason and the hint "
        "(google.rpc.ErrorInfo) and the fields at fault (google.rpc.BadRequest)."
    ),
}


def main() -> int:
    """Generate, then write or compare."""
    text = json.dumps(generate(), indent=1, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv:
        DOCUMENT.write_text(text)
    elif DOCUMENT.read_text() != text:
        print(f"{DOCUMENT} is not what the protos generate; run `make openapi`")
        return 1
    return 0


def generate() -> dict[str, Any]:
    """Build the document from the protos."""
    built = subprocess.run(["buf", "build", "-o", "-"], check=True, stdout=subprocess.PIPE).stdout
    image = FileDescriptorSet.FromString(built)
    ours = [file for file in image.file if file.package.startswith("dwsim.")]
    for file in ours:
        keep_field_names(file.message_type)
    document = merged(image.SerializeToString())
    methods = {f"{s.name}_{m.name}": m for f in ours for s in f.service for m in s.method}
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        # a further REST path of the same rpc has a number after its name
        correct(operation["responses"]["200"], methods["_".join(operation["operationId"].split("_")[:2])])
    document["components"]["schemas"].pop("google.api.HttpBody")
    return document | {"info": INFO}


def correct(answer: dict[str, Any], method: MethodDescriptorProto) -> None:
    """Say what the gateway sends where it is not one JSON object."""
    if method.output_type == ".google.api.HttpBody":
        answer |= {"description": "The file.", "content": {"*/*": {"schema": {}}}}
    elif method.server_streaming:
        answer["content"] = {"application/x-ndjson": answer["content"]["application/json"]}


def keep_field_names(messages: Iterable[DescriptorProto]) -> None:
    """Give every field its own name as its JSON name."""
    for message in messages:
        for field in message.field:
            field.json_name = field.name
        keep_field_names(message.nested_type)


def merged(image: bytes) -> dict[str, Any]:
    """Run the generator, which makes a document for each service, and merge them."""
    with tempfile.TemporaryDirectory() as folder:
        generate = ["buf", "generate", "-", "--template", "buf.gen.openapi.yaml", "-o", folder]
        subprocess.run(generate, input=image, check=True)
        documents = sorted(Path(folder).rglob("*.openapi.json"))
        found = subprocess.run(["build/go/openapiv3-merge", *documents], check=True, stdout=subprocess.PIPE)
    document: dict[str, Any] = json.loads(found.stdout)
    return document


if __name__ == "__main__":
    sys.exit(main())
