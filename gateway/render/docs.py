"""Files served as they are: the description of the API and its page.

Each is a route of its own, held in Envoy's memory: its file server is work in progress and outside its threat model.
"""

import mimetypes
from pathlib import Path

from gateway.render.types import Config

PREFIX = "/docs/"
INDEX = "index.html"
LARGEST_FILE = 16 << 20
"""Largest file that Envoy takes; Swagger UI's script has 1.5 MB."""


def docs(folder: Path | None) -> list[Config]:
    """Routes of all files below `folder`; none without it."""
    if not folder:
        return []
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    routes = [_route(PREFIX + path.relative_to(folder).as_posix(), path) for path in files]
    routes += [_route(PREFIX, path) for path in files if path == folder / INDEX]
    return [*routes, {"match": {"path": PREFIX.rstrip("/")}, "redirect": {"path_redirect": PREFIX}}]


def _route(path: str, file: Path) -> Config:
    content_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    header = {"key": "content-type", "value": content_type}
    return {
        "match": {"path": path},
        "direct_response": {"status": 200, "body": {"filename": str(file)}},
        "response_headers_to_add": [{"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
    }
