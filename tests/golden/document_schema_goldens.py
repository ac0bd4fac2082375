"""The JSON Schema of documents as a file: editors read it where no stack runs."""

import json
from pathlib import Path

from schema_svc.core.json_schema import document_schema

PATH = Path("docs/experiment.schema.json")


def text() -> str:
    """The schema as it is committed."""
    return json.dumps(document_schema(), indent=1, ensure_ascii=False) + "\n"


def rewrite() -> None:
    """Write the file anew."""
    PATH.write_text(text())
