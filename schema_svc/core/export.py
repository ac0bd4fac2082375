"""An experiment as text: JSON, YAML or DDL. Importing the text gives an equal experiment, as far as the format can say.

What the server adds (id, revision, times, parsed types) stays out of the documents.
"""

import json
from typing import Any

import yaml

from schema_svc.core.model import Experiment
from schema_svc.core.report import Diagnostic
from schema_svc.core.spec_text import resolve_scalars
from schema_svc.core.vocabulary import Dialect
from schema_svc.core.write_ddl import write_ddl

_FASTEST: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_FASTEST):  # type: ignore[misc]  # the class is chosen where libyaml is not at hand
    """Quotes what any version of YAML would read as something else than text."""


resolve_scalars(_Dumper)
_OUTPUT_ONLY = ("id", "revision", "etag", "state", "deleting_reason", "create_time", "update_time")


def export_json(experiment: Experiment) -> str:
    """The document as JSON."""
    return json.dumps(_document(experiment), indent=2, ensure_ascii=False) + "\n"


def export_yaml(experiment: Experiment) -> str:
    """The document as YAML."""
    text: str = yaml.dump(_document(experiment), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def export_ddl(experiment: Experiment, dialect: Dialect) -> tuple[str, list[Diagnostic]]:
    """DDL in a dialect, and what it does not say."""
    return write_ddl(experiment, dialect)


def _document(experiment: Experiment) -> dict[str, Any]:
    data = experiment.document()
    for key in _OUTPUT_ONLY:
        data.pop(key, None)
    for table in data.get("tables", []):
        for column in table.get("columns", []):
            column.pop("logical_type", None)
    return data
