"""The door in: what QueryService's rpcs turn into messages and back."""

from query_svc.service.statuses import STATUS

__all__ = ["STATUS"]
