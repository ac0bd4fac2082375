"""The hands: runs made in the background, and the removal of what they made."""

from generator_svc.worker.batch_maker import BatchMaker
from generator_svc.worker.plans import Plans, Previewed
from generator_svc.worker.quota import Quota
from generator_svc.worker.removal import Removal
from generator_svc.worker.retention import Keep, Retention
from generator_svc.worker.scheduler import Worker
from generator_svc.worker.warm_up import warm_up

__all__ = ["BatchMaker", "Keep", "Plans", "Previewed", "Quota", "Removal", "Retention", "Worker", "warm_up"]
