"""The quota of the staging area: where it is used up, no batch begins before files have gone."""

from generator_svc.core.run import Run, RunState
from generator_svc.core.run_faults import NotEnoughSpace
from generator_svc.store import BatchStore

OUT_OF_ROOM = "room for staged files: clean or delete those of ended runs"


class Quota:
    """At most about `most_bytes` of recorded files in the staging area `area`; 0 is no limit.

    Batches that have begun are finished, so that each run at work may exceed it by as many as there are threads.
    """

    def __init__(self, batches: BatchStore, area: str, most_bytes: int) -> None:
        self._batches = batches
        self._area = area
        self.most_bytes = most_bytes

    def covers(self, staging_uri: str) -> bool:
        """Whether files there count: those in a directory of a client's do not."""
        return bool(self.most_bytes) and staging_uri.startswith(self._area)

    def has_room(self, run: Run) -> bool:
        """Whether a batch of `run` may begin.

        Where runs at work fill the quota by themselves, nobody could make room: the newest of them is refused.
        """
        if not self.covers(run.staging_uri):
            return True
        shares = self._batches.shares(self._area)
        if sum(share.bytes for share in shares) < self.most_bytes:
            return True
        at_work = (share.run_id for share in shares if share.state is RunState.RUNNING)
        if all(share.state.active for share in shares) and run.run_id == max(at_work, default=run.run_id):
            raise NotEnoughSpace(
                f"the staging area holds {self.most_bytes:,} bytes, and the runs at work have filled it",
                hint="raise staging_quota_bytes, or ask for fewer rows",
                metadata={"free_bytes": "0"},
            )
        return False

    def refuse_too_large(self, staging_uri: str, needed_bytes: int) -> None:
        """Refuse a run that would not fit an empty staging area."""
        if self.covers(staging_uri) and needed_bytes > self.most_bytes:
            raise NotEnoughSpace(
                f"the rows need about {needed_bytes:,} bytes; the quota of the staging area is {self.most_bytes:,}",
                hint="ask for fewer rows, name an output directory, or raise staging_quota_bytes",
                metadata={"needed_bytes": str(needed_bytes), "free_bytes": str(self.most_bytes)},
            )
