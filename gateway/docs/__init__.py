"""The API pages: Swagger UI over the OpenAPI document of the REST paths; plain files, nothing from the network."""

import shutil
from pathlib import Path

from swagger_ui_bundle import swagger_ui_path

OPENAPI = Path(__file__).with_name("openapi.json")
"""The document, generated from the protos by `make openapi`."""
PAGE = Path(__file__).with_name("page")
ASSETS = ("swagger-ui-bundle.js", "swagger-ui.css", "index.css", "favicon-16x16.png", "favicon-32x32.png")


def build(directory: Path) -> None:
    """Fill `directory` with index.html and all that it asks for, by relative URLs: serve it below any path."""
    directory.mkdir(parents=True, exist_ok=True)
    for source in [OPENAPI, *sorted(PAGE.iterdir()), *(swagger_ui_path / name for name in ASSETS)]:
        shutil.copyfile(source, directory / source.name)
