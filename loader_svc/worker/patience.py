"""How long something that fails is tried again."""

import time

from tenacity import RetryCallState
from tenacity.stop import stop_base


class Patience(stop_base):
    """Ends so many seconds after the first failure: what fails after minutes of work is tried again as well."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._first_failure: float | None = None

    def __call__(self, _retry_state: RetryCallState) -> bool:
        """Whether a failure is one too many."""
        if self._first_failure is None:
            self._first_failure = time.monotonic()
        return time.monotonic() - self._first_failure >= self._seconds
