"""ClickHouse's words."""

from query_svc.core.adoption.words import STRUCTURE, Speech

CLICKHOUSE = Speech(alike=STRUCTURE, rewrites={}, functions={})
