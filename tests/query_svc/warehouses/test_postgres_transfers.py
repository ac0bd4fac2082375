"""UNLOAD and COPY on Redshift's stand-in."""

import pytest

from tests.query_svc.conftest import RunningQuery
from tests.query_svc.transfer_stories import TRIPS, Trip, there_and_back


@pytest.mark.parametrize("trip", TRIPS[:4], ids=lambda trip: trip.name)
async def test_what_is_unloaded_is_copied_back_unchanged(query: RunningQuery, trip: Trip) -> None:
    """The same files as on SQLite, the same rows back."""
    await there_and_back(query, trip)
