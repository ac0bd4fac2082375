"""The door in: GeneratorService over grpc.aio."""

from generator_svc.service.servicer import FULL_NAME, GeneratorServicer
from generator_svc.service.statuses import STATUS

__all__ = ["FULL_NAME", "STATUS", "GeneratorServicer"]
