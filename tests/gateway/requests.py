"""A request of every rpc that its service answers, or refuses for the reason that stands there.

`$door` is a name that every door has for itself, so that all can make and delete; the others name what `stock` made.
An rpc that is not here fails `test_every_rpc`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from tests.gateway.doors import Gateway

DOORS = ("grpc", "web", "rest0", "cli")
"""What is changed or deleted has one REST path; other rpcs may have a `rest1`."""
DDL = "CREATE TABLE t (a BIGINT PRIMARY KEY)"
SPEC = '{"name": "spec-$door", "tables": [{"name": "t", "columns": [{"name": "a", "data_type": "INT"}]}]}'
TABLES = [{"name": "t", "columns": [{"name": "a", "data_type": "BIGINT"}]}]
SQL = {"experiment": "$shop", "sql": "SELECT MAX(a) AS a FROM t"}


@dataclass(frozen=True)
class Asked:
    """A request as REST has it, and the reason of the error that it must get; none where it is answered."""

    request: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    def of(self, values: Mapping[str, str]) -> Any:
        """The request for one door."""
        return _filled(self.request, values)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values) for inner in value]
    return Template(value).substitute(values) if isinstance(value, str) else value


_SCHEMA = {
    "CreateExperiment": Asked({"experiment": {"name": "created-$door", "tables": TABLES}}),
    "ImportSql": Asked({"name": "sql-$door", "sql": DDL}),
    "ImportSpec": Asked({"spec": SPEC, "format": "JSON"}),
    "ImportTable": Asked({"name": "made-$door", "sql": "CREATE TABLE more (b INT)"}),
    "ValidateExperiment": Asked({"experiment": {"name": "valid", "tables": TABLES}}),
    "GetExperiment": Asked({"name": "$shop"}),
    "ListExperiments": Asked({"search": "made"}),
    "UpdateExperiment": Asked({"name": "other-$door", "experiment": {"name": "other-$door", "tables": TABLES}}),
    "ListRevisions": Asked({"name": "$shop"}),
    "CompareRevisions": Asked({"name": "$shop", "from_revision": 1, "to_revision": 2}, "UNKNOWN_REVISION"),
    "ExportExperiment": Asked({"name": "$shop", "format": "DDL", "dialect": "REDSHIFT"}),
    "DeleteExperiment": Asked({"name": "doomed-$door"}),
    "GetDocumentSchema": Asked(),
    "GetServerInfo": Asked(),
}
_GENERATOR = {
    "StartRun": Asked({"experiment": "$shop", "rows": {"t": 3}, "auto_load": False, "wait": True}),
    "GetRun": Asked({"run_id": "$run", "experiment": "$shop"}),
    "ListRuns": Asked({"experiment": "$shop"}),
    "WatchRun": Asked({"run_id": "$run"}),
    "WatchBatches": Asked({"run_id": "$run"}),
    "AbortRun": Asked({"run_id": "$run"}, "RUN_ENDED"),
    "DeleteRuns": Asked({"experiment_id": "none-$door", "step": "PURGE"}),
    "PreviewTable": Asked({"experiment": "$shop", "table": "t", "limit": 2}),
    "CheckRun": Asked({"run_id": "$run"}),
    "ListStagedFiles": Asked({"experiment": "$shop"}),
    "CleanStaging": Asked({"run_ids": ["$run"], "dry_run": True}),
    "ReportLoaded": Asked({"run_id": "$run", "experiment_id": "none"}, "LOG_REPLACED"),
    "GetServerInfo": Asked(),
}
_PLAN = {"load_plan": {"name": "plan", "experiment": "$shop"}}
_LOADER = {
    "StartLoad": Asked({"run_id": "$run", "experiment": "$shop", "wait": True}),
    "GetLoad": Asked({"load_id": "$load"}),
    "ListLoads": Asked({"experiment": "$shop"}),
    "WatchLoad": Asked({"load_id": "$load"}),
    "AbortLoad": Asked({"load_id": "$load"}, "LOAD_ENDED"),
    "RetryLoad": Asked({"load_id": "$load"}, "LOAD_NOT_FAILED"),
    "ListLoadBatches": Asked({"load_id": "$load", "table": "t"}),
    "ListRejects": Asked({"load_id": "$load"}),
    "ReplayRejects": Asked({"load_id": "$load"}, "NO_REJECTS"),
    "DropExperiment": Asked({"experiment_id": "none-$door"}),
    "ListWarehouses": Asked(),
    "LocateTables": Asked({"experiment": "$shop"}),
    "CreateLoadPlan": Asked(_PLAN, "NOT_YET_AVAILABLE"),
    "GetLoadPlan": Asked({"name": "plan"}, "NOT_YET_AVAILABLE"),
    "ListLoadPlans": Asked({"experiment": "$shop"}, "NOT_YET_AVAILABLE"),
    "UpdateLoadPlan": Asked({"name": "plan", **_PLAN}, "NOT_YET_AVAILABLE"),
    "DeleteLoadPlan": Asked({"name": "plan"}, "NOT_YET_AVAILABLE"),
    "GetServerInfo": Asked(),
    "CreateIngest": Asked({"name": "new-$door", "uri": "$inbox", "experiment": "$shop", "table": "t"}),
    "ListIngests": Asked({"experiment": "$shop"}),
    "GetIngest": Asked({"name": "kept"}),
    "ListIngestedFiles": Asked({"name": "kept"}),
    "PauseIngest": Asked({"name": "kept"}),
    "ResumeIngest": Asked({"name": "kept"}),
    "DeleteIngest": Asked({"name": "doomed-$door"}),
}
_QUERY = {
    "ExecuteQuery": Asked(SQL),
    "RunQuery": Asked(SQL),
    "CancelQuery": Asked({"query_id": "$query"}, "QUERY_ENDED"),
    "ListQueries": Asked({"experiment": "$shop"}),
    "TranslateQuery": Asked(SQL),
    "ExplainQuery": Asked(SQL),
    "ListTables": Asked({"experiment": "$shop"}),
    "DescribeTable": Asked({"experiment": "$shop", "table": "t"}),
    "ExportQuery": Asked({**SQL, "format": "CSV"}),
    "ListScratches": Asked({"experiment": "$shop"}),
    "DropScratch": Asked({"experiment": "$shop", "scratch": "doomed_$door"}),
    "GetServerInfo": Asked(),
}
REQUESTS = {
    f"{service}.{name}": asked
    for service, table in {"schema": _SCHEMA, "generator": _GENERATOR, "loader": _LOADER, "query": _QUERY}.items()
    for name, asked in table.items()
}


def stock(gateway: Gateway, inbox: Path) -> dict[str, str]:
    """Make what the requests name: a loaded experiment, and for every door what it may change and delete."""
    shop = "stocked"

    def post(path: str, **body: object) -> Any:
        answer = gateway.rest("POST", path, body)
        assert answer.status == 200, answer.body
        return answer

    post("/api/experiments/import-sql", name=shop, sql=DDL)
    run = post(f"/api/experiments/{shop}/generate", rows={"t": 5}, auto_load=False, wait=True).json["run_id"]
    load = post(f"/api/experiments/{shop}/load", wait=True, target_warehouse="SQLITE").json["load"]["load_id"]
    for door in DOORS:
        for name in ("made", "other", "doomed"):
            post("/api/experiments/import-sql", name=f"{name}-{door}", sql=DDL)
        post("/api/ingests", name=f"doomed-{door}", uri=str(inbox), experiment=shop, table="t")
        sql = "CREATE TABLE few AS SELECT a FROM t"
        post(f"/api/experiments/{shop}/query/stream", sql=sql, scratch=f"doomed_{door}", allow_writes=True)
    post("/api/ingests", name="kept", uri=str(inbox), experiment=shop, table="t")
    query = post(f"/api/experiments/{shop}/query", sql="SELECT 1 AS one").json["query_id"]
    return {"shop": shop, "run": str(run), "load": str(load), "inbox": str(inbox), "query": query}
