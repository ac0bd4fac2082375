"""Scratches that are there: whose they are, where, and what is in them."""

import threading
import time
import uuid
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from query_svc.core.catalog import Place
from query_svc.core.scratches import Scratch, contents_of, contents_text

_META = sa.MetaData()
_SCRATCHES = sa.Table(
    "scratches",
    _META,
    sa.Column("scratch_id", sa.String, primary_key=True),
    *(sa.Column(n, sa.String) for n in ("owner", "experiment_id", "experiment", "name", "warehouse", "namespace")),
    sa.Column("generation", sa.Integer),
    *(sa.Column(n, sa.Float) for n in ("created", "used")),
    sa.Column("contents", sa.Text),
)


class ScratchBook:
    """The book of scratches; an owner finds no scratch of another's."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    def find(self, owner: str, experiment_id: str, name: str) -> Scratch | None:
        """Scratch of an owner by its name."""
        wanted = sa.select(_SCRATCHES).where(
            _SCRATCHES.c.owner == owner,
            _SCRATCHES.c.experiment_id == experiment_id,
            _SCRATCHES.c.name == name.lower(),
        )
        with self._engine.begin() as connection:
            row = connection.execute(wanted).mappings().first()
        return _read(row) if row else None

    def open(self, owner: str, home: Place, name: str, namespace: Callable[[str], str]) -> Scratch:
        """Scratch of this name; a new one where there is none."""
        with self._lock:
            if (found := self.find(owner, home.experiment_id, name)) is not None:
                return found
            scratch_id, now = uuid.uuid4().hex[:16], time.time()
            facts = {
                "scratch_id": scratch_id,
                "owner": owner,
                "experiment_id": home.experiment_id,
                "experiment": home.experiment,
                "name": name.lower(),
                "warehouse": home.warehouse,
                "namespace": namespace(scratch_id),
                "generation": 0,
                "created": now,
                "used": now,
                "contents": contents_text((), ()),
            }
            with self._engine.begin() as connection:
                connection.execute(sa.insert(_SCRATCHES).values(facts))
        return Scratch(**{key: value for key, value in facts.items() if key != "contents"})  # type: ignore[arg-type]  # the fields above

    def keep(self, place: Place) -> None:
        """Keep what is in a scratch from now on."""
        contents = contents_text(tuple(place.tables), tuple(place.views))
        facts = {"contents": contents, "generation": place.generation, "used": time.time()}
        self._change(place.experiment_id, facts)

    def touch(self, scratch_id: str) -> None:
        """Note that a scratch was used."""
        self._change(scratch_id, {"used": time.time()})

    def _change(self, scratch_id: str, facts: dict[str, object]) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(_SCRATCHES).where(_SCRATCHES.c.scratch_id == scratch_id).values(facts))

    def of_owner(self, owner: str, experiment: str) -> list[Scratch]:
        """Scratches of an owner by experiment and name; of one experiment where it is named."""
        wanted = sa.select(_SCRATCHES).where(_SCRATCHES.c.owner == owner)
        if experiment:
            wanted = wanted.where(sa.func.lower(_SCRATCHES.c.experiment) == experiment.lower())
        return self._all(wanted.order_by(_SCRATCHES.c.experiment, _SCRATCHES.c.name))

    def idle(self, before: float) -> list[Scratch]:
        """Scratches that nobody used since a time."""
        return self._all(sa.select(_SCRATCHES).where(_SCRATCHES.c.used < before))

    def every(self) -> list[Scratch]:
        """Scratches of all owners."""
        return self._all(sa.select(_SCRATCHES))

    def _all(self, wanted: "sa.Select[tuple[object, ...]]") -> list[Scratch]:
        with self._engine.begin() as connection:
            rows: Sequence[sa.RowMapping] = connection.execute(wanted).mappings().all()
        return [_read(row) for row in rows]

    def forget(self, scratch_id: str) -> None:
        """Forget a scratch."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_SCRATCHES).where(_SCRATCHES.c.scratch_id == scratch_id))


def _read(row: sa.RowMapping) -> Scratch:
    facts = {name: row[name] for name in row if name != "contents"}
    tables, views = contents_of(row["contents"])
    return Scratch(**facts, tables=tables, views=views)
