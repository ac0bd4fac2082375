"""What the generator is told."""

import os
from pathlib import Path

from pydantic import Field

from dwsim_wire.settings import DEFAULT_PORTS, ServiceSettings
from dwsim_wire.staging import StagingRoot
from generator_svc.staging.bucket_wish import FIRST_REGION, BucketWish


class GeneratorSettings(ServiceSettings):
    """Settings of the generator; frozen."""

    port: int = Field(DEFAULT_PORTS["generator"], ge=0, le=65535, description="port to bind to; 0 takes a free one")
    stage_bucket: str = Field(
        "", description="root of staged files, s3://…, file:///… or a path; <data_dir>/staging if empty"
    )
    stage_bucket_create: bool = Field(False, description="whether the bucket of stage_bucket is made at start")
    stage_bucket_versioning: bool = Field(False, description="whether that bucket is to keep old versions of objects")
    stage_bucket_lifecycle_days: int = Field(
        0, ge=0, le=36_500, description="days after which that bucket lets staged files expire; its rules stay if 0"
    )
    staging_retry_seconds: float = Field(20.0, ge=0, description="how long an S3 server that is away is tried again")
    generator_threads: int = Field(0, ge=0, description="threads that make batches; one per core if 0")
    generator_parallel_runs: int = Field(4, ge=1, description="runs that are made at once; others wait")
    generator_batch_rows: int = Field(0, ge=0, description="rows of a batch where a client does not say; 0 by width")
    staging_quota_bytes: int = Field(
        0, ge=0, description="bytes of staged files above which no batch begins; no limit if 0"
    )
    keep_events: int = Field(1_000_000, ge=0, description="newest events that the log keeps; all if 0")
    keep_events_days: int = Field(30, ge=0, description="days that the log keeps events; for ever if 0")
    keep_runs: int = Field(0, ge=0, description="newest runs that are kept, with their files; all if 0")
    keep_runs_days: int = Field(0, ge=0, description="days that ended runs are kept, with their files; for ever if 0")
    keep_files_days: int = Field(0, ge=0, description="days that files of ended runs are kept; until cleaned if 0")

    reference_dir: Path | None = Field(
        None, description="directory of reference files; <data_dir>/reference if not set"
    )

    @property
    def references(self) -> Path:
        """Directory of reference files."""
        return self.reference_dir or self.data_dir / "reference"

    @property
    def staging(self) -> StagingRoot:
        """Root of staged files."""
        return StagingRoot.parse(self.stage_bucket or str(Path(self.data_dir).absolute() / "staging")).resolved

    @property
    def bucket_wish(self) -> BucketWish:
        """What is wanted of the bucket of staged files."""
        region = os.environ.get("AWS_REGION") or FIRST_REGION
        return BucketWish(
            self.stage_bucket_create, self.stage_bucket_versioning, self.stage_bucket_lifecycle_days, region
        )

    @property
    def threads(self) -> int:
        """Threads that make batches."""
        return self.generator_threads or len(os.sched_getaffinity(0))
