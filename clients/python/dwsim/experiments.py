"""Experiments: made of DDL or of a document, listed, deleted."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dwsim.arguments import checked
from dwsim.door import Door
from dwsim.faults import InvalidInput
from dwsim.paging import collect
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.values import Experiment, ExperimentSummary
from dwsim.words import dialect_number, warehouse_number

Text = str | Path
"""A text, or the file that has it."""


class AsyncExperiments:
    """What tables look like, by name."""

    def __init__(self, door: Door) -> None:
        self._door = door

    @checked
    async def create(
        self,
        name: str = "",
        *,
        ddl: Text | None = None,
        spec: Text | Mapping[str, Any] | None = None,
        dialect: str | None = None,
        warehouse: str | None = None,
        rows: Mapping[str, int] | None = None,
        target_rows: int | None = None,
        description: str = "",
        surrogate_keys: bool | None = None,
        infer_foreign_keys: bool | None = None,
        infer_rules: bool | None = None,
        request_id: str = "",
    ) -> Experiment:
        """Make an experiment of `ddl` (CREATE TABLE statements), or of `spec` (JSON, YAML or a mapping).

        Both may be a text or a Path to a file. The options behind `spec` are for DDL; a document says them itself.
        """
        if (ddl is None) == (spec is None):
            raise InvalidInput("an experiment is made of either ddl or spec", hint="name one of them")
        if ddl is None:
            return await self._of_document(spec or "", name, request_id)
        request = pb.ImportSqlRequest(
            name=name,
            sql=read_text(ddl),
            dialect=dialect_number(dialect),
            target_rows=target_rows,
            table_rows=dict(rows or {}),
            target_warehouse=warehouse_number(warehouse),
            surrogate_keys=surrogate_keys,
            infer_foreign_keys=infer_foreign_keys,
            infer_rules=infer_rules,
            description=description,
            request_id=request_id,
        )
        imported = await self._door.call(self._door.schema.ImportSql, request)
        return Experiment.of(imported.experiment, imported.warnings, imported.diagnostics)

    async def _of_document(self, spec: Text | Mapping[str, Any], name: str, request_id: str) -> Experiment:
        document = json.dumps(spec) if isinstance(spec, Mapping) else read_text(spec)
        request = pb.ImportSpecRequest(spec=document, name=name, request_id=request_id)
        made = await self._door.call(self._door.schema.ImportSpec, request)
        return Experiment.of(made.experiment, made.warnings, made.diagnostics)

    @checked
    async def get(self, name: str, *, revision: int = 0) -> Experiment:
        """The experiment, or an old revision of it."""
        request = pb.GetExperimentRequest(name=name, revision=revision)
        return Experiment.of((await self._door.call(self._door.schema.GetExperiment, request)).experiment)

    @checked
    async def list(self, *, search: str = "", limit: int | None = None) -> Sequence[ExperimentSummary]:
        """Experiments, newest first; those whose name or description has `search`."""

        async def page(size: int, token: str) -> pb.ListExperimentsResponse:
            request = pb.ListExperimentsRequest(page_size=size, page_token=token, search=search)
            return await self._door.call(self._door.schema.ListExperiments, request)

        return await collect(page, lambda answer: map(ExperimentSummary.of, answer.experiments), limit)

    @checked
    async def delete(self, name: str, *, force: bool = False) -> bool:
        """Delete an experiment with its runs, files and tables; false where a part that is down will do it later.

        `force` ends the runs and loads that are at work.
        """
        request = pb.DeleteExperimentRequest(name=name, force=force)
        return (await self._door.call(self._door.schema.DeleteExperiment, request)).done

    @checked
    async def export(self, name: str, *, as_: str = "yaml", dialect: str | None = None) -> str:
        """The experiment as a document (`yaml`, `json`) or as `ddl` in a dialect."""
        formats = {"yaml": pb.ExportExperimentRequest.YAML, "json": pb.ExportExperimentRequest.JSON}
        number = (formats | {"ddl": pb.ExportExperimentRequest.DDL}).get(as_.lower())
        if number is None:
            raise InvalidInput(f"there is no format {as_!r} of experiments", hint="it is one of yaml, json, ddl")
        request = pb.ExportExperimentRequest(name=name, format=number, dialect=dialect_number(dialect))
        return (await self._door.call(self._door.schema.ExportExperiment, request)).text


def read_text(source: Text) -> str:
    """The text itself, or that of the file that a Path names."""
    if isinstance(source, Path):
        try:
            return source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", "") or "it is not UTF-8"
            raise InvalidInput(f"{source} cannot be read: {why}", reason="UNREADABLE_FILE") from error
    if "\n" not in source and source.endswith((".sql", ".yaml", ".yml", ".json")):
        raise InvalidInput(f"{source!r} is the name of a file", hint=f"give pathlib.Path({source!r})")
    return source
