"""How long something that fails is tried again."""

import time
from collections.abc import Callable

from tenacity import RetryCallState
from tenacity.stop import stop_base

LISTEN_SECONDS = 0.05


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


class GivenUp(stop_base):
    """Ends once somebody says so."""

    def __init__(self, said: Callable[[], bool]) -> None:
        self._said = said

    def __call__(self, _retry_state: RetryCallState) -> bool:
        """Whether it was said."""
        return self._said()


def pause(seconds: float, until: Callable[[], bool]) -> None:
    """Wait, unless somebody says meanwhile that it is enough."""
    end = time.monotonic() + seconds
    while not until() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, LISTEN_SECONDS))
