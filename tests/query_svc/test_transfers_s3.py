"""UNLOAD and COPY with a bucket as staging area."""

from pathlib import Path

import pytest

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import running
from tests.query_svc.loader_stand_in import LoaderStandIn
from tests.query_svc.transfer_stories import TRIPS, WRITING, there_and_back, write
from tests.s3 import Prefix


async def test_files_go_into_the_bucket_of_the_staging_area_alone(
    tmp_path: Path, loader: LoaderStandIn, s3: Prefix
) -> None:
    """The service's keys may open other buckets too, and the staged files of runs are the generator's."""
    bucket, prefix = s3.root.bucket, s3.root.key
    async with running(tmp_path / "data", loader, stage_bucket=f"{s3.root.uri}/staging") as query:
        await there_and_back(query, TRIPS[1], f"{bucket}/{prefix}")
        assert s3.names() == ["trips/csv/0000_part_00", "trips/csv/manifest"]
        assert s3.read(f"s3://{bucket}/{prefix}/trips/csv/0000_part_00").startswith(b"id,word,small")
        for place, reason in (
            ("s3://another/x", "UNKNOWN_BUCKET"),
            (f"s3://{bucket}/{prefix}/staging/generated/x", "WRITE_REFUSED"),
            (f"s3://{bucket}/{prefix}/trips/csv/", "FILE_EXISTS"),
        ):
            with pytest.raises(RemoteFault) as refused:
                await query.execute(f"UNLOAD ('SELECT 1 AS a') TO '{place}' CSV", **WRITING)
            assert refused.value.reason == reason, place
        with pytest.raises(RemoteFault) as elsewhere:
            await query.execute("COPY back FROM 's3://another/x' CSV", **WRITING)
        assert elsewhere.value.reason == "UNKNOWN_BUCKET"
        await write(query, f"UNLOAD ('SELECT 1 AS a WHERE 1 = 0') TO 's3://{bucket}/{prefix}/none_' CSV")
        assert s3.read(f"s3://{bucket}/{prefix}/none_0000_part_00") == b""
