"""Faker's clock: while a pool is drawn it stands at the start of `as_of`, in UTC; nobody else's clock does."""

import datetime as dt
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

_TURN: Final = threading.Lock()


@contextmanager
def standing_clock(as_of: dt.date) -> Iterator[None]:
    """Put standing classes in the place of Faker's `datetime` and `date`; callers wait for each other."""
    with _TURN, _replaced(as_of):
        yield


@contextmanager
def _replaced(as_of: dt.date) -> Iterator[None]:
    moment, day = _standing(as_of)
    module = ModuleType("datetime")
    vars(module).update({**vars(dt), "datetime": moment, "date": day})
    still = {id(dt.datetime): moment, id(dt.date): day, id(dt): module}
    changed: list[tuple[ModuleType, str, Any]] = []
    for name, faker_module in list(sys.modules.items()):
        if name.startswith("faker.providers"):
            found = [(attribute, value) for attribute, value in vars(faker_module).items() if id(value) in still]
            changed += [(faker_module, *each) for each in found]
    try:
        for faker_module, attribute, value in changed:
            setattr(faker_module, attribute, still[id(value)])
        yield
    finally:
        for faker_module, attribute, value in changed:
            setattr(faker_module, attribute, value)


class _Same(type):
    """Takes real moments and days for its own."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


def _standing(as_of: dt.date) -> tuple[type, type]:
    class Moment(dt.datetime, metaclass=_Same):
        """A moment whose now is the start of `as_of`, and whose zone is UTC."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Moment":
            return cls(as_of.year, as_of.month, as_of.day, tzinfo=tz)

        today = utcnow = now

        def astimezone(self, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # any moment will do
            aware = self if self.tzinfo else self.replace(tzinfo=dt.UTC)
            return dt.datetime.astimezone(aware, tz or dt.UTC)

    class Day(dt.date, metaclass=_Same):
        """A day whose today is `as_of`."""

        @classmethod
        def today(cls) -> "Day":
            return cls(as_of.year, as_of.month, as_of.day)

    return Moment, Day
