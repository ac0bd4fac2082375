"""What is wanted of the bucket of the staging area."""

from dataclasses import dataclass

FIRST_REGION = "us-east-1"
"""The one region that a new bucket must not name."""


@dataclass(frozen=True, slots=True)
class BucketWish:
    """What is wanted of the bucket; `lifecycle_days` 0 leaves its rules alone."""

    create: bool = False
    versioning: bool = False
    lifecycle_days: int = 0
    region: str = FIRST_REGION

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        return self.create or self.versioning or bool(self.lifecycle_days)
