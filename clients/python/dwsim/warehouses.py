"""A filled warehouse for tests: an embedded stack, an experiment of a DDL, its rows, and the way to them.

    with dwsim.warehouse("redshift", ddl, rows={"orders": 1_000}, seed=1) as wh:
        assert wh.query("SELECT COUNT(*) FROM orders").scalar() == 1_000
        engine = sqlalchemy.create_engine(wh.connection_string)

The same DDL, rows and seed are the same experiment: who asks again, in this process or another, gets it as it is.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Unpack
from urllib.parse import quote

import yaml

from dwsim.arguments import checked
from dwsim.client import QueryOptions
from dwsim.experiments import read_text
from dwsim.faults import InvalidInput, NotFound
from dwsim.sharing import attach, client_dir, exclusive
from dwsim.sync import Client, Result
from dwsim.values import Experiment, Load
from dwsim_wire.settings import ENV_PREFIX
from local_stack.record import StackRecord

DEFAULT_SEED = 42
DOCUMENTS = frozenset({".json", ".yaml", ".yml"})


@dataclass(frozen=True)
class Kind:
    """A kind of warehouse: the stack it is part of, and what an experiment for it says."""

    stack: str
    target: str
    dialect: str


KINDS: Mapping[str, Kind] = {
    "redshift": Kind("redshift", "redshift", "redshift"),
    "postgres": Kind("redshift", "redshift", "postgres"),
    "sqlite": Kind("redshift", "sqlite", "redshift"),
    "snowflake": Kind("snowflake", "snowflake", "snowflake"),
}
"""PostgreSQL is the server behind Redshift's stand-in, in its own dialect."""


@dataclass(frozen=True)
class Warehouse:
    """A filled warehouse; it is yours until the block ends."""

    experiment: Experiment
    load: Load
    client: Client
    connection_string: str = field(repr=False)
    """URL of the warehouse itself, for psycopg and the like; tables are found by their bare names."""

    @property
    def address(self) -> str:
        """Address of the gateway: gRPC, gRPC-web and REST."""
        return self.client.address

    @property
    def sqlalchemy_url(self) -> str:
        """The same for SQLAlchemy, which is told the driver that comes with the stack."""
        return self.connection_string.replace("postgresql://", "postgresql+psycopg2://", 1)

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows by table."""
        return self.load.rows

    def query(self, sql: str, **options: Unpack[QueryOptions]) -> Result:
        """Run one statement in the experiment's dialect, as `Client.query` does."""
        return self.client.query(sql, self.experiment.name, **options)


@dataclass(frozen=True)
class Order:
    """What is to be there."""

    kind: str
    source: str
    is_document: bool
    rows: Mapping[str, int]
    seed: int
    as_of: str
    dialect: str
    title: str

    def name(self, engine_version: str) -> str:
        """Name of the experiment: the title, and a fingerprint of everything that decides the cells."""
        facts = [
            _version(),
            engine_version,
            self.kind,
            self.source,
            dict(self.rows),
            self.seed,
            self.as_of,
            self.dialect,
        ]
        digest = hashlib.blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=6)
        return f"{self.title}_{digest.hexdigest()}"


@contextmanager
@checked
def warehouse(
    kind: str,
    ddl: str | Path | Mapping[str, Any],
    *,
    rows: Mapping[str, int] | None = None,
    seed: int = DEFAULT_SEED,
    as_of: str = "",
    dialect: str | None = None,
    name: str = "wh",
    fresh: bool = False,
    keep: bool = False,
    data_dir: str | Path | None = None,
) -> Iterator[Warehouse]:
    """A filled warehouse: `redshift`, `postgres`, `sqlite` or `snowflake`.

    `ddl` is CREATE TABLE statements, a Path to a file of them, or an experiment's document (a mapping, or a Path to
    JSON or YAML). `fresh` makes an experiment of its own, for tests that write, and deletes it at the end. The
    stack runs on `data_dir`, else `DW_SIMULATOR_TEST_DIR`, else a cache of the user's; it ends some seconds after the
    last process that uses it, or with `keep` only by `dw-sim down --data-dir …`.
    """
    if kind not in KINDS:
        raise InvalidInput(f"there is no warehouse {kind!r}", hint=f"it is one of {', '.join(KINDS)}")
    source, is_document = _source(ddl)
    chosen = dialect or KINDS[kind].dialect
    counts = {table: int(count) for table, count in (rows or {}).items()}
    order = Order(kind, source, is_document, counts, int(seed), as_of, chosen, name)
    directory = _directory(data_dir, KINDS[kind].stack)
    record = attach(directory, KINDS[kind].stack, keep=keep)
    with Client(record.addresses["gateway"]) as client:
        unique = order.name(client.engine_version())
        if fresh:
            unique = f"{unique}_{secrets.token_hex(3)}"
        try:
            with exclusive(client_dir(directory) / f"{unique}.lock"):
                experiment, load = _filled(client, unique, order)
            yield Warehouse(experiment, load, client, _connection_string(client, unique, kind, record, directory))
        finally:
            if fresh:
                _forget(client, unique, directory)


def _filled(client: Client, name: str, order: Order) -> tuple[Experiment, Load]:
    """The experiment as it was filled before, or made and filled now; what somebody left half done is made anew."""
    try:
        experiment = client.experiments.get(name)
    except NotFound:
        pass
    else:
        loads = client.loads.list(name, limit=1)
        if loads and (loads[0].experiment_id, loads[0].state) == (experiment.id, "COMPLETED"):
            return experiment, loads[0]
        client.experiments.delete(name, force=True)
    experiment = _created(client, name, order)
    filled = client.generate(name, rows=_as_named(order.rows, experiment.tables), seed=order.seed, as_of=order.as_of)
    return experiment, filled.load


def _as_named(rows: Mapping[str, int], tables: Sequence[str]) -> dict[str, int]:
    """Rows by the names that tables have: Snowflake's DDL makes ORDERS of orders."""
    folded = {table.lower(): table for table in tables}
    return {table if table in tables else folded.get(table.lower(), table): count for table, count in rows.items()}


def _created(client: Client, name: str, order: Order) -> Experiment:
    target = KINDS[order.kind].target
    if order.is_document:
        document = yaml.safe_load(order.source)
        if not isinstance(document, dict):
            raise InvalidInput("the document is not a mapping", hint="docs/documents.md describes it")
        return client.experiments.create(name, spec=document | {"target_warehouse": target.upper()})
    return client.experiments.create(name, ddl=order.source, dialect=order.dialect, warehouse=target)


def _forget(client: Client, name: str, directory: Path) -> None:
    try:
        client.experiments.delete(name, force=True)
    except NotFound:
        pass  # it was never made
    finally:
        (client_dir(directory) / f"{name}.lock").unlink(missing_ok=True)


def _connection_string(client: Client, name: str, kind: str, record: StackRecord, directory: Path) -> str:
    """Where the experiment's tables are, for clients of the warehouse itself."""
    located = client.locate(name)
    if KINDS[kind].target == "sqlite":
        return f"sqlite:///{directory / 'warehouses' / located.namespace}"
    url = record.warehouses.get(KINDS[kind].target)
    if not url:
        raise InvalidInput(
            f"the stack on {directory} has no {KINDS[kind].target} of its own",
            hint="name another data_dir, or none",
        )
    if kind == "snowflake":
        return f"{url}/{located.namespace.upper()}"
    probe = f'SELECT 1 FROM "{located.tables[0].name}"'  # noqa: S608 - translated, and not run
    seen = client.translate(probe, name, dialect="postgres").translated_sql
    schema = re.search(r'FROM "([^"]+)"\.', seen)
    path = schema.group(1) if schema else located.namespace
    return f"{url}?options={quote(f'-csearch_path={path},public', safe='')}"


def _source(ddl: str | Path | Mapping[str, Any]) -> tuple[str, bool]:
    """The text, and whether it is a document."""
    if isinstance(ddl, Mapping):
        try:
            return json.dumps(ddl, sort_keys=True), True
        except (TypeError, ValueError) as error:
            raise InvalidInput(f"the document has a value that JSON has not: {error}") from error
    return read_text(ddl), isinstance(ddl, Path) and ddl.suffix.lower() in DOCUMENTS


def _directory(data_dir: str | Path | None, stack: str) -> Path:
    """Where the stack keeps its state: as named, else a cache that outlives it, so that rows are made once."""
    if data_dir:
        return Path(data_dir).resolve()
    if named := os.environ.get(f"{ENV_PREFIX}TEST_DIR"):
        return Path(named).resolve() / stack
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache, "dw-simulator", "tests", _version(), stack).resolve()


def _version() -> str:
    return metadata.version("dw-simulator")
