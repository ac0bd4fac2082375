"""Tables of the loader's database; migrations/versions makes them."""

import sqlalchemy as sa

metadata = sa.MetaData()

cursor = sa.Table(
    "cursor",
    metadata,
    sa.Column("only", sa.Integer, primary_key=True),
    sa.Column("loader_id", sa.Text, nullable=False),
    sa.Column("log_id", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_key", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("experiment", sa.Text, nullable=False),
    sa.Column("experiment_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("replaced", sa.Boolean, nullable=False),
    sa.Column("base_key", sa.Integer, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Index("runs_by_id", "run_id"),
    sa.Index("runs_by_experiment", "experiment", "run_key"),
    sqlite_autoincrement=True,
)
run_tables = sa.Table(
    "run_tables",
    metadata,
    sa.Column("run_key", sa.Integer, sa.ForeignKey("runs.run_key"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("batches", sa.Integer, nullable=False),
)
batches = sa.Table(
    "batches",
    metadata,
    sa.Column("run_key", sa.Integer, sa.ForeignKey("runs.run_key"), primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("batch_index", sa.Integer, primary_key=True),
    sa.Column("first_row", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),
)
loads = sa.Table(
    "loads",
    metadata,
    sa.Column("load_id", sa.Integer, primary_key=True),
    sa.Column("uid", sa.Text, nullable=False, unique=True),
    sa.Column("run_key", sa.Integer, sa.ForeignKey("runs.run_key"), nullable=False),
    sa.Column("run_id", sa.Integer, nullable=False),
    sa.Column("experiment", sa.Text, nullable=False),
    sa.Column("experiment_id", sa.Text, nullable=False),
    sa.Column("warehouse", sa.Text, nullable=False),
    sa.Column("namespace", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("failure", sa.Text, nullable=False),
    sa.Column("retries", sa.Integer, nullable=False),
    sa.Column("create_time", sa.BigInteger, nullable=False),
    sa.Column("start_time", sa.BigInteger, nullable=False),
    sa.Column("end_time", sa.BigInteger, nullable=False),
    sa.Index("loads_by_place", "namespace", "state"),
    sa.Index("loads_by_experiment", "experiment", "load_id"),
    sa.Index("loads_by_run", "run_id", "load_id"),
    sqlite_autoincrement=True,
)
load_tables = sa.Table(
    "load_tables",
    metadata,
    sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("batches", sa.Integer, nullable=False),
    sa.Column("rows_staged", sa.BigInteger, nullable=False, default=0),
    sa.Column("batches_staged", sa.Integer, nullable=False, default=0),
    sa.Column("bytes_staged", sa.BigInteger, nullable=False, default=0),
    sa.Column("inserted", sa.BigInteger, nullable=False, default=0),
    sa.Column("deleted", sa.BigInteger, nullable=False, default=0),
)
work = sa.Table(
    "work",
    metadata,
    sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("batch_index", sa.Integer, primary_key=True),
    sa.Column("staged", sa.Boolean, nullable=False),
    sa.Index("work_to_do", "load_id", "staged"),
)
requests = sa.Table(
    "requests",
    metadata,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("load_id", sa.Integer, sa.ForeignKey("loads.load_id"), nullable=False),
)
tombstones = sa.Table("tombstones", metadata, sa.Column("experiment_id", sa.Text, primary_key=True))
locations = sa.Table(
    "locations",
    metadata,
    sa.Column("experiment_id", sa.Text, primary_key=True),
    sa.Column("warehouse", sa.Text, primary_key=True),
    sa.Column("experiment", sa.Text, nullable=False),
    sa.Column("namespace", sa.Text, nullable=False),
    sa.Column("dialect", sa.Text, nullable=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("catalog", sa.Text, nullable=False),
    sa.Index("locations_by_name", "experiment"),
)
