"""Files of a load on their way into its internal stage, each group into a folder of its own, by one session or two."""

import contextlib
import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from loader_svc.core.faults import WarehouseBusy
from loader_svc.warehouses import snowflake_tables as tables
from loader_svc.warehouses.snowflake_faults import UNKNOWN, UnexpectedError
from loader_svc.warehouses.snowflake_names import stage
from loader_svc.warehouses.snowflake_session import Session, Uploadable
from loader_svc.warehouses.writer import Stop


class Uploads:
    """What a load puts into its stage: by its session, or beside it while that one copies.

    `reopened` notes a new session with the load: whoever takes the load over can end that one.
    """

    def __init__(self, session: Session, uid: str, reopened: Callable[[], None]) -> None:
        self._session, self._other, self._uid, self._staged_in = session, session.another(), uid, 0
        self._reopened = reopened
        self._forgotten = False

    def close(self) -> None:
        """End the session of our own."""
        self._other.close()

    @contextlib.contextmanager
    def known(self) -> Iterator[None]:
        """Have it tried again, behind the fence and with a new stage, where a server was started again and forgot it.

        Nobody hears of a lost session where the second one is opened after the start. A load that was swept misses its
        table.
        """
        try:
            yield
        except UnexpectedError as error:
            if error.number not in UNKNOWN:
                raise
            self._forgotten = True
            raise WarehouseBusy("what was staged is not there any more", hint="it is tried again") from error

    def in_turn(self, place: int, groups: Sequence[Sequence[Uploadable]], stop: Stop) -> Generator[str, None, None]:
        """Put groups into folders; while one is in the caller's hands, another session puts the next."""
        folder = self.put(place, groups[0], stop)
        for group in groups[1:]:
            with self._beside(place, group, stop) as uploaded:
                yield folder
                folder = uploaded()
        yield folder

    @contextlib.contextmanager
    def _beside(self, place: int, files: Sequence[Uploadable], stop: Stop) -> Iterator[Callable[[], str]]:
        """Put files into a folder by another session; the function waits for them and answers the folder."""
        folder, over = self._folder(place), threading.Event()
        with ThreadPoolExecutor(1, "uploads") as thread:
            put = thread.submit(self._other.put, files, folder, lambda: over.is_set() or stop())

            def uploaded() -> str:
                put.result()
                return folder

            try:
                yield uploaded
            finally:
                over.set()

    def _folder(self, place: int) -> str:
        return f"{stage(self._uid)}/{place}_{secrets.token_hex(6)}/"

    def put(self, place: int, files: Sequence[Uploadable], stop: Stop) -> str:
        """Put files into a folder of their own, in a new session where the old one was ended; answer the folder."""
        folder = self._folder(place)
        try:
            self._put_once(folder, files, stop)
        except WarehouseBusy:
            if self._session.is_open:
                raise
            self._put_once(folder, files, stop)
        return folder

    def _put_once(self, folder: str, files: Sequence[Uploadable], stop: Stop) -> None:
        """Put files into the stage; a server that was started again has forgotten it."""
        if self._forgotten or not self._session.is_open or self._session.opened != self._staged_in:
            if self._staged_in:
                self._reopened()
            tables.create_stage(self._session, self._uid)
            self._staged_in, self._forgotten = self._session.opened, False
        self._session.put(files, folder, stop)
