"""The door in: rpcs in, core and store behind, errors with their codes."""

from schema_svc.service.servicer import FULL_NAME, STATUS, SchemaServicer

__all__ = ["FULL_NAME", "STATUS", "SchemaServicer"]
