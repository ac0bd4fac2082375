"""The door in: rpcs in, core and store behind, errors with their codes."""

from schema_svc.service.servicer import FULL_NAME, SchemaServicer
from schema_svc.service.statuses import STATUS

__all__ = ["FULL_NAME", "STATUS", "SchemaServicer"]
