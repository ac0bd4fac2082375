"""SQL of dialects that no warehouse here speaks, through the gateway: answered, or refused by name."""

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.query.v1.query_service_pb2 import RunQueryRequest, RunQueryResponse
from dwsim.query.v1.translation_pb2 import Translation

from tests.gateway.doors import Gateway
from tests.gateway.test_query_files import numbers

__all__ = ["numbers"]


def test_duckdbs_sql_is_asked_over_rest(gateway: Gateway, numbers: str) -> None:
    """`/` is a double there, and `//` whole: the dialect of a request decides, not the experiment's."""
    sql = "SELECT 7 / 2 AS half, 7 // 2 AS whole, count(*) FROM numbers"
    path = f"/api/experiments/{numbers}/query"
    answer = gateway.rest("POST", path, {"sql": sql, "dialect": "DUCKDB"}).json
    assert (answer["rows"], answer["translation"]["verdict"]) == ([[3.5, 3, 2000]], "EXACT")
    assert gateway.rest("POST", path, {"sql": "SELECT 7 / 2 FROM numbers LIMIT 1"}).json["rows"] == [[3]]
    refused = gateway.rest("POST", path, {"sql": "SELECT * FROM read_csv('/etc/passwd')", "dialect": "duckdb"})
    assert (refused.status, refused.reason) == (501, "NOT_TRANSLATABLE")


def test_clickhouses_sql_is_asked_over_grpc_web(gateway: Gateway, numbers: str) -> None:
    """What a ClickHouse user writes, and what is not known to mean the same."""
    path = "/dwsim.query.v1.QueryService/RunQuery"

    def ask(sql: str) -> RunQueryRequest:
        return RunQueryRequest(experiment=numbers, sql=sql, dialect=SqlDialect.CLICKHOUSE)

    known = gateway.web(path, ask("SELECT intDiv(7, 2), toInt64(max(n)) > 0, 7 / 2 FROM numbers GROUP BY 1 = 1"))
    answer = RunQueryResponse.FromString(known.message or b"")
    assert [list(row) for row in answer.rows] == [[3, 1, 3.5]]
    assert answer.translation.verdict == Translation.EXACT
    refused = gateway.web(path, ask("SELECT uniqHLL12(n) FROM numbers"))
    assert refused.info.reason == "NOT_TRANSLATABLE"
