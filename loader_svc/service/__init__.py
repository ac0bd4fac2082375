"""The door in: LoaderService over `worker.loader.Loader`."""

from loader_svc.service.statuses import STATUS

__all__ = ["STATUS"]
