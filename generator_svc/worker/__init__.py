"""The hands: runs made in the background, and the removal of what they made."""

from generator_svc.worker.plans import Plans
from generator_svc.worker.removal import Removal
from generator_svc.worker.scheduler import Worker

__all__ = ["Plans", "Removal", "Worker"]
